/** The texts of the demo's records: the kind that careless code breaks. */
export const firstNames = [
  'Zoë',
  'Łukasz',
  'Søren',
  'José',
  'Nguyễn',
  'Çağla',
  'Ольга',
  '美咲',
  'Siân',
  'Mária',
  'Élodie',
  'Þóra',
  'Anaïs',
  '지우',
  'नेहा',
  'ליאור',
] as const
export const lastNames = [
  'Müller',
  "O'Brien",
  'García',
  'Nowak',
  'Dvořák',
  'Åkerström',
  'Иванова',
  '佐藤',
  'de la Cruz',
  'Şahin',
  'Nguyễn',
  'Smith-Jones',
] as const
interface City {
  readonly city: string
  readonly country: string
}

export const cities: readonly [City, ...City[]] = [
  { city: 'Köln', country: 'DE' },
  { city: 'São Paulo', country: 'BR' },
  { city: 'Łódź', country: 'PL' },
  { city: '大阪', country: 'JP' },
  { city: 'Malmö', country: 'SE' },
  { city: 'Québec', country: 'CA' },
]
export const streets = [
  'Straße des 17. Juni',
  'Rua São João',
  'ulica Żurawia',
  '御堂筋',
  'Kärleksgatan',
  'Rue de l’Église',
] as const
export const tags = [
  'new',
  'sale 🎉',
  'eco ♻️',
  'handmade',
  'fragile ⚠️',
  'gift 🎁',
  'família 👨‍👩‍👧‍👦',
] as const
export const things = [
  'Teekanne',
  'Açúcar',
  'Koc wełniany',
  '急須',
  'Smörgåsbord',
  'Crème brûlée',
  'Café ☕',
  'Piñata 🪅',
] as const
export const sentences = [
  'The quick brown fox jumps over the lazy dog.',
  'Falsches Üben von Xylophonmusik quält jeden größeren Zwerg.',
  'Voix ambiguë d’un cœur qui, au zéphyr, préfère les jattes de kiwis.',
  'Съешь же ещё этих мягких французских булок, да выпей чаю.',
  'いろはにほへと ちりぬるを わかよたれそ つねならむ。',
  'A line\nthat breaks, a "quoted" word, a tab\tand a \\ backslash. 🦊',
] as const

/** Numbers that look like chance and are the same each time. */
export interface Chance {
  /** A whole number from `from` to `to`. */
  whole(from: number, to: number): number
  pick<T>(items: readonly [T, ...T[]]): T
  /** From 1 to `most` different items. */
  some<T>(items: readonly [T, ...T[]], most: number): T[]
}

/** A linear congruential generator, with the constants of Numerical Recipes. */
export function chance(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const whole: Chance['whole'] = (from, to) => from + Math.floor(next() * (to - from + 1))
  const pick: Chance['pick'] = (items) => items[whole(0, items.length - 1)] ?? items[0]
  return {
    whole,
    pick,
    some: (items, most) => [...new Set(Array.from({ length: whole(1, most) }, () => pick(items)))],
  }
}
