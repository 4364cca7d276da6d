import { setFlagsFromString } from 'node:v8'

/** The newest Node whose V8 is known to have the flags; one that has not would complain on the screen. */
const newestKnown = 24

/**
 * Records pass by in their millions and are garbage at once. V8 takes such a stream for a reason to grow, which
 * makes a backup larger and not faster. These flags it looks at whenever it thinks about growing, so they can be
 * set while the program runs.
 */
export const flags = [
  // The young generation keeps its initial size, a few MiB, instead of growing to about 96 MiB.
  '--semi-space-growth-factor=1',
  // The old generation is collected once it has doubled, not later.
  '--heap-growing-percent=100',
  // The young generation is collected even while the old one is marked. Otherwise it grows until that is done.
  '--no-separate-gc-phases',
]

/** Keeps the heap of this process small. The flags are the process's: only a program may set them, no package. */
export function keepHeapSmall(node = process.versions.node): void {
  if (Number.parseInt(node, 10) <= newestKnown) for (const flag of flags) setFlagsFromString(flag)
}
