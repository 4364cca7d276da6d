export type { OwnDatabase, SentNotice } from './server/page.js'
export { type PageOptions, type PageServer, servePage } from './server/serve-page.js'
