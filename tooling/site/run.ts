// Builds or serves the documentation as a site.
// node tooling/site/run.ts build    into tooling/site/dist
// node tooling/site/run.ts dev      serves it, and updates it when the documents change
import { watch } from 'node:fs'
import { dirname, join } from 'node:path'
import { build, createServer } from 'vitepress'
import { root, sources } from './sources.ts'
import { writeDocuments, writePages } from './write.ts'

const { pages } = await writePages()
if (process.argv[2] === 'dev') {
  const documents = sources()
  for (const folder of new Set(documents.map(({ file }) => dirname(join(root, file)))))
    watch(folder, (_, name) => {
      if (name?.endsWith('.md')) writeDocuments(documents)
    })
  const server = await createServer(import.meta.dirname)
  await server.listen()
  server.printUrls()
} else {
  await build(import.meta.dirname)
  console.log(`${pages.length} pages in tooling/site/dist`)
}
