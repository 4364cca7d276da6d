import { build } from '../../tooling/build/tsup.preset.ts'

/** What Pico styles and the page has not. */
const unused =
  /\[type=(color|date|email|month|range|tel|time|week|file|reset)|dialog|\[aria-busy|\[role=(group|search|switch)|data-tooltip|dropdown|kbd|video|audio|iframe|figure|figcaption|samp|blockquote|hgroup|ruby|mark|abbr|(^|[\s>])su[bp]\b|aria-invalid|breadcrumb|aside|\.container|svg|canvas/

export default build(['src/index.ts'], {
  browser: 'src/client/main.tsx',
  trimmed: { file: /pico\.classless\.min\.css$/, unused },
})
