import { type Client, storedKey } from './database.js'
import { isSdkClient, type SdkMiddleware } from './sdk-client.js'

/**
 * A client whose listings begin after a key. s3db.js has no option for that, but the SDK's client inside it does. If
 * that is not possible, the listing begins at its start. Changes no client.
 */
export function startingAfter(client: Client, key: string | undefined): Client {
  const sdk = client.client
  if (key === undefined || !isSdkClient(sdk)) return client
  const middlewareStack = sdk.middlewareStack.clone()
  const StartAfter = storedKey(client, key)
  const begin: SdkMiddleware = (next) => (args) => next({ ...args, input: { ...args.input, StartAfter } })
  middlewareStack.addRelativeTo(begin, {
    name: 'startAfter',
    relation: 'before',
    toMiddleware: 'serializerMiddleware',
  })
  return Object.create(client, {
    client: { value: Object.create(sdk, { middlewareStack: { value: middlewareStack } }) },
  })
}
