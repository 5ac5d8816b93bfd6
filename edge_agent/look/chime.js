// Two notes, made on the spot. A browser may keep silent until the screen has been touched once.

const NOTES = [
  { hertz: 784, from: 0 },
  { hertz: 587, from: 0.28 },
];
const LENGTH_S = 0.7;
const LOUD = 0.35;

const context = window.AudioContext ? new AudioContext() : null;

/** Calls `told(silent)` now and whenever it changes. */
export function onSilence(told) {
  if (!context) return;
  const tell = () => told(context.state !== "running");
  context.addEventListener("statechange", tell);
  for (const touch of ["pointerdown", "keydown"]) {
    document.addEventListener(touch, () => context.resume());
  }
  tell();
}

export function chime() {
  if (context?.state !== "running") return; // a note kept for later would sound for nobody
  NOTES.forEach(play);
}

function play({ hertz, from }) {
  const start = context.currentTime + from;
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(LOUD, start + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, start + LENGTH_S);
  tone.connect(volume).connect(context.destination);
  tone.start(start);
  tone.stop(start + LENGTH_S);
}
