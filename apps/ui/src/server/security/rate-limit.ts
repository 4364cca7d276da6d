/** How many, in how long. */
export interface Rate {
  readonly most: number
  /** In ms. */
  readonly within: number
}

/** Addresses that are counted at once. Beyond them the one that asked first is forgotten. */
const remembered = 10_000

/**
 * Counts the requests of each address; `false` once there are too many. A client with IPv6 has a whole /64 network, so
 * the addresses of one network are counted together.
 */
export function rateLimit(
  { most, within }: Rate,
  now: () => number = Date.now,
): (address: string) => boolean {
  const counts = new Map<string, { since: number; count: number }>()
  return (from) => {
    const address = clientOf(from)
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

/** An IPv4 address, also one written as IPv6; of any other IPv6 address the first 64 bits. */
function clientOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!plain.includes(':')) return plain
  const [before = '', after] = (plain.split('%', 1)[0] ?? '').split('::')
  const groups = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'))
  const [first, last] = [groups(before), groups(after)]
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0')
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`
}
