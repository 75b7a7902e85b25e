import { cleanup, configure } from "@testing-library/svelte";
import { afterEach } from "vitest";

// A limit, not a wait: a busy machine may take this long until an element is there.
configure({ asyncUtilTimeout: 20_000 });

afterEach(cleanup);
