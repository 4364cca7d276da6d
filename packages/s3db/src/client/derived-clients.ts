import type { Client } from './database.js'

/**
 * One client is derived from each, and not from it for each object anew: the runtime never gets to know what has a new prototype every
 * time, and is several times slower with it.
 */
export function derivedClients(derive: (client: Client) => Client): (client: Client) => Client {
  const derived = new WeakMap<Client, Client>()
  return (client) => {
    const known = derived.get(client)
    if (known !== undefined) return known
    const made = derive(client)
    derived.set(client, made)
    return made
  }
}
