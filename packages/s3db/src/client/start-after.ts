import { type Client, storedKey } from './database.js'
import { isSdkClient, type SdkMiddleware } from './sdk-client.js'

/**
 * A client whose listings begin after a key. s3db.js has no option for that, but the SDK's client inside it does. If
 * that is not possible, the listing begins at its start. Changes no client.
 */
export function startingAfter(client: Client, key: string | undefined): Client {
  return key === undefined ? client : listingWith(client, { StartAfter: storedKey(client, key) })
}

/**
 * A client whose listings name the folders below the prefix, and not what is in them. s3db.js gives its S3 client no
 * such option either. If that is not possible, the listing has every key. Changes no client.
 */
export function listingFolders(client: Client): Client {
  return listingWith(client, { Delimiter: '/' })
}

function listingWith(client: Client, more: Readonly<Record<string, string>>): Client {
  const sdk = client.client
  if (!isSdkClient(sdk)) return client
  const middlewareStack = sdk.middlewareStack.clone()
  const add: SdkMiddleware = (next) => (args) => next({ ...args, input: { ...args.input, ...more } })
  middlewareStack.addRelativeTo(add, {
    name: 'listingWith',
    relation: 'before',
    toMiddleware: 'serializerMiddleware',
  })
  return Object.create(client, {
    client: { value: Object.create(sdk, { middlewareStack: { value: middlewareStack } }) },
  })
}
