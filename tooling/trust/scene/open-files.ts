import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import type { Address } from './places.ts'

const descriptors = '/proc/self/fd'

/** The files below a place that this process still has open, after those that are just being closed. */
export async function openFilesBelow(address: Address): Promise<string[]> {
  if (address.kind !== 'filesystem' || !existsSync(descriptors)) return []
  const look = () =>
    readdirSync(descriptors)
      .flatMap(targetOf)
      .filter((path) => path.startsWith(address.path))
  for (let patience = 0; patience < 20_000 && look().length > 0; patience++) await setTimeout(5)
  return look()
}

function targetOf(descriptor: string): string[] {
  try {
    return [readlinkSync(`${descriptors}/${descriptor}`)]
  } catch {
    // Closed since it was listed, like the one that the listing itself needed.
    return []
  }
}
