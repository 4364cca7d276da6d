import { stripVTControlCharacters } from 'node:util'

const size = { font: 13, line: 19, column: 7.83, left: 20, top: 52 }
const colours = {
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  36: '#79c0ff',
}

/** A picture of a terminal, as SVG: what was typed, and what was printed with its colours. */
export function terminalPicture(shown) {
  const lines = shown.flatMap(({ typed, printed }) => [
    `\u001b[36m$\u001b[0m \u001b[1m${typed}\u001b[0m`,
    ...printed.split('\n'),
    '',
  ])
  lines.pop()
  const columns = Math.max(...lines.map((line) => stripVTControlCharacters(line).length))
  const width = Math.ceil(columns * size.column + 2 * size.left)
  const height = size.top + lines.length * size.line + 8
  const texts = lines.map((line, row) =>
    line === ''
      ? ''
      : `<text x="${size.left}" y="${size.top + row * size.line + size.font}">${spansOf(line)}</text>`,
  )
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="A terminal with a backup, a restore drill, the history of a record, and its restore">`,
    `<rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>`,
    '<circle cx="22" cy="22" r="6" fill="#ff5f57"/><circle cx="42" cy="22" r="6" fill="#febc2e"/><circle cx="62" cy="22" r="6" fill="#28c840"/>',
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="${size.font}" fill="#e6edf3">`,
    ...texts.filter((text) => text !== ''),
    '</g>',
    '</svg>',
  ].join('\n')}\n`
}

/** Blanks are such that nobody collapses them. */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll(' ', '\u00a0')

/** A line with its colours; every span says where it begins, so that another font does not move it. */
function spansOf(line) {
  const spans = []
  let style = {}
  let column = 0
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes of a terminal.
  for (const piece of line.split(/(\u001b\[[\d;]*m)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the same.
    const codes = /^\u001b\[([\d;]*)m$/.exec(piece)?.[1]
    if (codes !== undefined) style = codes.split(';').reduce(styled, style)
    else if (piece !== '') {
      const x = (size.left + column * size.column).toFixed(2)
      const attributes = Object.entries(style).map(([name, value]) => ` ${name}="${value}"`)
      spans.push(`<tspan x="${x}"${attributes.join('')}>${escaped(piece)}</tspan>`)
      column += piece.length
    }
  }
  return spans.join('')
}

function styled(style, code) {
  const { fill: _fill, ...colourless } = style
  if (code === '' || code === '0') return {}
  if (code === '1') return { ...style, 'font-weight': 'bold' }
  if (code === '2') return { ...style, 'fill-opacity': '0.65' }
  if (code === '22') return Object.fromEntries(Object.entries(style).filter(([name]) => name === 'fill'))
  if (code === '39') return colourless
  return colours[code] === undefined ? style : { ...style, fill: colours[code] }
}
