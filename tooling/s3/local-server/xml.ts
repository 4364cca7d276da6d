/** Values become text, arrays repeated elements, undefined nothing. */
export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | XmlValue[]
  | { readonly [name: string]: XmlValue }

export function xml(root: string, value: XmlValue): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, value)}`
}

/**
 * The texts of every element of this name; enough for the few requests that have a body. `final`: nothing more is
 * looked for inside them.
 */
export function texts(document: string, name: string, final = true): string[] {
  const found = document.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'))
  return [...found].map(([, text = '']) => (final ? unescaped(text) : text))
}

export function element(name: string, value: XmlValue): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('')
  const inner =
    typeof value === 'object'
      ? Object.entries(value)
          .map(([child, content]) => element(child, content))
          .join('')
      : escaped(String(value))
  return `<${name}>${inner}</${name}>`
}

const escaped = (text: string) => text.replace(/[&<>"\r\n]/g, (character) => `&#${character.charCodeAt(0)};`)

const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const unescaped = (text: string) =>
  text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    return hex === undefined ? (names[name] ?? whole) : String.fromCodePoint(Number.parseInt(hex, 16))
  })
