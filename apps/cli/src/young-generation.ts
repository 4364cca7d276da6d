import { setFlagsFromString } from 'node:v8'

/** The newest Node whose V8 is known to have the flag; one that has not would complain on the screen. */
const newestKnown = 24

/**
 * Keeps V8 from letting its young generation grow. Records pass by in their millions and are garbage at once;
 * V8 takes the stream for a reason to grow it to about 96 MiB, which makes a backup larger and not faster.
 *
 * The flag is read each time V8 thinks about growing, so it can be set while the program runs.
 */
export function holdYoungGeneration(node = process.versions.node): void {
  if (Number.parseInt(node, 10) <= newestKnown) setFlagsFromString('--semi-space-growth-factor=1')
}
