import type { Client } from './database.js'

/**
 * Derives one client from each client, and reuses it for every object. The runtime cannot optimise objects that get a new
 * prototype each time, and is several times slower with them.
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
