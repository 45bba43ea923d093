import { join } from 'node:path'

/** Where the vectors and the pages of the formats are. */
export const VECTORS = join(import.meta.dirname, '../vectors/coffre')
export const PAGES = join(import.meta.dirname, '../../docs/protocol')
