/**
 * The names of columns as names of the fields of one object. A result may have a name more than once, such as the `id` of
 * each of two joined tables; of these the later ones get a number.
 */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set(names)
  const seen = new Set<string>()
  return names.map((name) => {
    let distinct = name
    for (let number = 2; seen.has(distinct) || (distinct !== name && taken.has(distinct)); number++)
      distinct = `${name}_${number}`
    seen.add(distinct)
    return distinct
  })
}
