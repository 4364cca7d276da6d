// `node --import …/ballast.ts`, with a number of MiB in BALLAST: the process holds that much more memory until it
// ends. A memory test runs its program once with as much as it allows, and checks that the measurement shows it.
const mebibytes = Number(process.env.BALLAST)
if (!(mebibytes > 0)) throw new Error(`BALLAST is a number of MiB, not ${process.env.BALLAST}`)

// Every page is written to: memory that was never written to takes no space.
Reflect.set(globalThis, Symbol('ballast'), Buffer.alloc(mebibytes * 2 ** 20, 1))
