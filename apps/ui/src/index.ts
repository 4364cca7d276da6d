export type { OwnDatabase, SentNotice } from './server/page.js'
export { type PageOptions, type PageServer, servePage } from './server/serve-page.js'
export type { CutOff } from './server/work/cut-off.js'
