import type { Client } from './database.js'
import { isSdkClient } from './sdk-client.js'

/** The client, asking for one version wherever it asks for an object. */
export function versionClient(client: Client, versionId: string): Client {
  const sdk = client.client
  const send: unknown = typeof sdk === 'object' && sdk !== null ? Reflect.get(sdk, 'send') : undefined
  if (!isSdkClient(sdk) || typeof send !== 'function') return client
  const value = (command: { readonly input: object }, ...rest: unknown[]) => {
    Reflect.set(command.input, 'VersionId', versionId)
    return send.call(sdk, command, ...rest)
  }
  return Object.create(client, { client: { value: Object.create(sdk, { send: { value } }) } })
}
