/** How many, in how long. */
export interface Rate {
  readonly most: number
  /** In ms. */
  readonly within: number
}

/** Addresses that are counted at once. Beyond them the one that asked first is forgotten. */
const remembered = 10_000

/** Counts what each address asks for. `false` once it is too much. */
export function rateLimit(
  { most, within }: Rate,
  now: () => number = Date.now,
): (address: string) => boolean {
  const counts = new Map<string, { since: number; count: number }>()
  return (address) => {
    const time = now()
    const known = counts.get(address)
    if (known !== undefined && time - known.since < within) {
      known.count += 1
      return known.count <= most
    }
    counts.delete(address)
    const [oldest] = counts.keys()
    if (counts.size >= remembered && oldest !== undefined) counts.delete(oldest)
    counts.set(address, { since: time, count: 1 })
    return true
  }
}
