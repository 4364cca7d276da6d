/** ` (did you mean "gzip"?)` when one of the known names is close to the given one, else nothing. */
export function nearest(given: unknown, known: readonly string[]): string {
  if (typeof given !== 'string') return ''
  const name = given.toLowerCase()
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  if (best === undefined || best.distance > Math.max(1, Math.floor(best.candidate.length / 3))) return ''
  return ` (did you mean "${best.candidate}"?)`
}

/** How many letters to add, drop, change or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = swap ? (beforeLast[j - 2] ?? 0) + 1 : changed
      current.push(Math.min((last[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, changed, swapped))
    }
    beforeLast = last
    last = current
  }
  return last[b.length] ?? 0
}
