import { mount } from "svelte";
import App from "./App.svelte";
import { useHost } from "./ipc";
import "./style/index.css";

if (import.meta.env.MODE === "mock") useHost((await import("../mock/host")).mockHost());
else useHost((await import("./ipc/tauri")).tauriHost);

const target = document.getElementById("app");
if (target === null) throw new Error("the page has no place for the window");
mount(App, { target });
