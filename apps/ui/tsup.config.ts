import { build } from '../../tooling/build/tsup.preset.ts'

export default build(['src/index.ts'], { browser: 'src/client/main.tsx' })
