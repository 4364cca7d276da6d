// s3db.js falls back to the AWS SDK's own HTTP handler when createClient throws.
export function createClient() {
  throw new Error('recker is not installed in this workspace')
}
export const createRedDbClient = createClient
export const createHttp2MetricsHooks = () => ({})
export const expandHTTP2Options = (options) => options
export const getGlobalHttp2Metrics = () => ({})
export const parseHttp2Error = (error) => error
export class Http2Error extends Error {}
export class TemplateEngine {}
