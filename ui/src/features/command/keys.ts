/** The keyboard map as a person reads it. */
export interface KeyGroup {
  title: string;
  keys: readonly (readonly [string, string])[];
}

export const KEY_MAP: readonly KeyGroup[] = [
  {
    title: "Everywhere",
    keys: [
      ["Ctrl K", "Search or command"],
      ["Ctrl O", "Choose file"],
      ["Ctrl V", "Open the path or URL on the clipboard"],
      ["Ctrl Enter", "Press the main button"],
      ["Esc", "Back, close; never stops a job"],
      ["Ctrl ,", "Settings"],
      ["Ctrl .", "Announce the status of jobs"],
      ["Ctrl Z", "Undo the last deletion that still waits; U does the same"],
      ["Ctrl +, Ctrl −", "Zoom in, zoom out"],
      ["Ctrl 0", "Actual size"],
      ["F1", "Help"],
      ["F6, Shift F6", "Next, previous region"],
    ],
  },
  {
    title: "Single keys",
    keys: [
      ["G D", "Go to Deliver"],
      ["G R", "Go to Readers"],
      ["G B", "Go to Bench"],
      ["G C", "Go to Cloud"],
      ["G A", "Go to Activity"],
      ["G O", "Go to Doctor"],
      ["J, K", "Down, up in a list; arrows do the same"],
      ["Space", "Tick the row"],
      ["Enter", "Open the row"],
      ["/", "Filter this list"],
      ["P", "Pause or resume the selected job"],
      ["L", "Log of the selected job"],
      ["?", "Keyboard shortcuts"],
    ],
  },
  {
    title: "Bench",
    keys: [
      ["Arrows", "Move between lanes"],
      ["Alt 1…8", "Lane 1…8"],
      ["R", "Retry the selected lane"],
      ["Shift R", "Retry all failed units"],
      ["X", "Acknowledge the failure of the selected lane"],
      ["F11", "Operator mode"],
      ["Space, F4", "In operator mode: Done, pause line"],
    ],
  },
];
