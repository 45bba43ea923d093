/**
 * Default rights by profession: which compartments a grant opens when the patient changes nothing.
 * Ours, versioned, NOT OFFICIAL (the ministry's matrix is not public); an unknown profession gets nothing.
 * Profession codes: register G15 (10 physician, 21 pharmacist, 40 dentist, 50 midwife, 60 nurse …).
 */
import type { CompartmentKind } from './record.ts'
import type { Right } from './statements.ts'

export const RIGHTS_VERSION = '2026-11-24 (not official)'

type Cell = 'RD' | 'R' | 'D' | '-'
const COLUMNS = [
  'synthesis',
  'reports',
  'laboratory',
  'imaging',
  'treatments',
  'care',
  'vaccination',
  'certificates',
] as const satisfies readonly CompartmentKind[]

const row = (...cells: Cell[]): readonly Cell[] => cells
const physician = row('RD', 'RD', 'RD', 'RD', 'RD', 'RD', 'RD', 'RD')
const therapist = row('R', 'RD', '-', 'R', 'R', 'RD', '-', '-')

const TABLE: ReadonlyMap<string, readonly Cell[]> = new Map(
  Object.entries({
    '10': physician,
    '50': physician,
    '21': row('R', '-', 'R', '-', 'RD', 'R', 'RD', '-'),
    '40': row('R', 'RD', 'R', 'RD', 'RD', 'R', '-', 'D'),
    '60': row('R', 'R', 'R', '-', 'RD', 'RD', 'RD', '-'),
    '70': therapist,
    '91': therapist,
    '92': therapist,
    '94': therapist,
    '96': therapist,
    '86': row('-', '-', 'RD', '-', '-', '-', '-', '-'),
    '98': row('-', 'R', '-', 'RD', '-', '-', '-', '-'),
  }),
)

/** Rights per compartment kind for a profession code; empty for one that the table does not know. */
export function defaultRights(profession: string): ReadonlyMap<CompartmentKind, readonly Right[]> {
  const rights = new Map<CompartmentKind, readonly Right[]>()
  for (const [column, cell] of (TABLE.get(profession) ?? []).entries()) {
    const kind = COLUMNS[column]
    if (kind === undefined || cell === '-') continue
    const list: Right[] = []
    if (cell.includes('R')) list.push('read')
    if (cell.includes('D')) list.push('deposit')
    rights.set(kind, list)
  }
  return rights
}

/** Certificate title (T of the card's subject) → profession code, register G15. */
export const PROFESSION_BY_TITLE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Médecin: '10',
    Pharmacien: '21',
    'Chirurgien-Dentiste': '40',
    'Sage-Femme': '50',
    Infirmier: '60',
    'Masseur-Kinésithérapeute': '70',
    'Technicien de laboratoire': '86',
    Orthophoniste: '91',
    Orthoptiste: '92',
    Ergothérapeute: '94',
    Psychomotricien: '96',
    'Manipulateur ERM': '98',
  }),
)
