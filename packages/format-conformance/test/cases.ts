import { chains } from './cases/chains.ts'
import { entries } from './cases/entries.ts'
import { frozen } from './cases/frozen.ts'
import { layout } from './cases/layout.ts'
import { linesAndOrder } from './cases/lines.ts'
import { manifests } from './cases/manifests.ts'
import { parts } from './cases/parts.ts'

export const cases = [...frozen, ...layout, ...manifests, ...entries, ...parts, ...linesAndOrder, ...chains]
