// `node --import …/ballast.ts`, with a number of MiB in BALLAST: the process holds so much memory more until it ends.
// A test of memory runs its program once with as much as it allows, and sees that the measure tells.
const mebibytes = Number(process.env.BALLAST)
if (!(mebibytes > 0)) throw new Error(`BALLAST is a number of MiB, not ${process.env.BALLAST}`)

// Written to, page by page: memory that nothing was ever written to takes no place.
Reflect.set(globalThis, Symbol('ballast'), Buffer.alloc(mebibytes * 2 ** 20, 1))
