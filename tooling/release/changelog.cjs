// How a CHANGELOG reads: the sentence of the changeset, and which of our own packages came along.
module.exports = {
  getReleaseLine: async ({ summary }) => {
    const [first, ...rest] = summary.trim().split('\n')
    return [`- ${first}`, ...rest.map((line) => (line === '' ? '' : `  ${line}`))].join('\n')
  },
  getDependencyReleaseLine: async (_changesets, dependencies) => {
    const names = dependencies
      .filter(({ oldVersion }) => oldVersion !== '0.0.0') // A first release has no older ones that it could go on from.
      .map(({ name, newVersion }) => `${name}@${newVersion}`)
    return names.length === 0 ? '' : `- With ${names.join(', ')}.`
  },
}
