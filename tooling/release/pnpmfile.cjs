const { join, relative, sep } = require('node:path')

const root = join(__dirname, '../..')

// For `pnpm pack` alone. A checkout without an origin packs without these fields; a release refuses that.
module.exports = {
  hooks: {
    async beforePacking(manifest, folder) {
      const { repositoryHere, withRepository } = await import('./origin.mjs')
      const repository = repositoryHere()
      if (repository === undefined) return manifest
      return withRepository(manifest, repository, relative(root, folder).split(sep).join('/'))
    },
  },
}
