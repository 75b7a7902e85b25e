/** Three sounds, distinct in pitch and in rhythm, made here: no file is loaded. */

type Sound = "pass" | "fail" | "attention";

/** Hertz, and seconds from the beginning to the end of each tone. */
const TONES: Record<Sound, readonly (readonly [number, number, number])[]> = {
  pass: [
    [660, 0, 0.09],
    [990, 0.1, 0.26],
  ],
  fail: [
    [220, 0, 0.18],
    [220, 0.24, 0.42],
    [220, 0.48, 0.78],
  ],
  attention: [[440, 0, 0.3]],
};
const LOUD = 0.18;

let context: AudioContext | undefined;

/** Plays it. A computer without sound stays silent. */
export function play(sound: Sound): void {
  try {
    context ??= new AudioContext();
    for (const [hertz, from, to] of TONES[sound]) {
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = hertz;
      volume.gain.value = LOUD;
      tone.connect(volume).connect(context.destination);
      tone.start(context.currentTime + from);
      tone.stop(context.currentTime + to);
    }
  } catch {
    // Words and shapes say the same.
  }
}
