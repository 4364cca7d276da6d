import type { DemoCommand } from '../commands/demo.js'
import type { Session } from '../session.js'
export async function demo(_session: Session, _options: DemoCommand): Promise<void> {}
