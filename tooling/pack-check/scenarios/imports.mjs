// Every published package that exports something can be imported by its name.
// needs: @aws-sdk/client-s3@^3.1000.0
import { readFileSync } from 'node:fs'

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
const exported = (name) =>
  JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).exports?.['.'] !== undefined
const names = Object.keys(dependencies).filter((name) => name.startsWith('@s3db-backup/') && exported(name))
for (const name of names) await import(name)
console.log(`imported ${names.length} packages`)
