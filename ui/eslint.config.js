import { readdirSync } from "node:fs";
import js from "@eslint/js";
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import importX from "eslint-plugin-import-x";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

/** What a tier may not know: shared ← state ← features ← views. */
const above = {
  ipc: ["state", "shared", "features", "views"],
  shared: ["ipc/host", "state", "features", "views"],
  state: ["shared", "features", "views"],
  features: ["views"],
};

const tiers = Object.entries(above).map(([tier, forbidden]) => ({
  files: [`src/${tier}/**`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          ...(tier === "ipc" ? [] : [{ group: ["@tauri-apps/*"], message: "Only src/ipc talks to the shell." }]),
          ...forbidden.map((name) => ({ group: [`**/${name}/**`], message: `${tier} does not know ${name}.` })),
        ],
      },
    ],
  },
}));

/** A feature uses itself, shared and state; what two of them share is moved there. No exceptions. */
const FEATURES = "./src/features";
const zones = readdirSync(FEATURES).map((feature) => ({
  target: `${FEATURES}/${feature}`,
  from: FEATURES,
  except: [`./${feature}`],
  message: "A feature uses itself, shared and state.",
}));

export default ts.config(
  { ignores: ["dist", "node_modules", "src/ipc/bindings.ts"] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        projectService: { allowDefaultProject: ["*.js"] },
        extraFileExtensions: [".svelte"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { "import-x": importX },
    settings: { "import-x/resolver-next": [createTypeScriptImportResolver({ project: "tsconfig.json" })] },
    rules: {
      "import-x/no-cycle": "error",
      "import-x/no-restricted-paths": ["error", { zones }],
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["@tauri-apps/*"], message: "Only src/ipc talks to the shell." }] },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  ...tiers,
  { files: ["src/main.ts"], rules: { "no-restricted-imports": "off" } },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      // svelte-check sees these with the right types; ESLint's view of a template does not.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-unnecessary-condition": "off",
      "@typescript-eslint/prefer-nullish-coalescing": "off",
    },
  },
  { files: ["**/*.js"], ...ts.configs.disableTypeChecked },
);
