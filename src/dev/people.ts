import type { EstablishmentHolder, ProfessionalHolder } from './certificates.ts'

// Who lives in the development world. Every person, number and address here is invented; the numbers have the form and
// the key of real ones, and the professionals' lie in the range kept for tests (8997…).

/** A person the insurer knows. */
export interface Insured {
  readonly nir: string
  readonly name: string
  readonly givenNames: string
  readonly address: readonly string[]
}

/** The patient whose journey is played. */
export const CAMILLE: Insured = {
  nir: '284056938311748',
  name: 'GARNIER',
  givenNames: 'Camille Hélène',
  address: ['14 rue des Teinturiers', 'Bâtiment B, 3e étage', '69003 LYON'],
}

/** The insurer's list; the last one's number has a wrong key, and must be refused. */
export const INSURED: readonly Insured[] = [
  CAMILLE,
  { nir: '157112923204224', name: 'LE GOFF', givenNames: 'Yann', address: ['3 venelle du Moulin', '29000 QUIMPER'] },
  {
    nir: '290022A00403196',
    name: 'SANTONI',
    givenNames: 'Ange-Marie',
    address: ['Lieu-dit U Castellu', '27 route de la Châtaigneraie', '20167 ALATA'],
  },
  {
    nir: '279079935220863',
    name: 'BENALI',
    givenNames: 'Samira',
    address: ['Résidence « Les Peupliers »', '8 allée Louise-Michel', '93200 SAINT-DENIS'],
  },
  {
    nir: '201129741108940',
    name: 'PAYET',
    givenNames: 'Aurélie Marie',
    address: ['51 chemin des Vacoas', '97400 SAINT-DENIS'],
  },
  { nir: '168033726105505', name: 'ROUSSEAU', givenNames: 'Paul', address: ['2 place du Marché', '37000 TOURS'] },
]

/** Treats the patient. */
export const DOCTOR: ProfessionalHolder = {
  kind: 'professional',
  id: '889970042134',
  surname: 'MARÉCHAL',
  givenName: 'ÉLODIE',
  profession: 'Médecin',
}

/** Has no business with the patient. */
export const OTHER_DOCTOR: ProfessionalHolder = {
  kind: 'professional',
  id: '889970051275',
  surname: 'BERNIER',
  givenName: 'HUGO',
  profession: 'Médecin',
}

/** Signs in with the card of its director (CDE). */
export const CLINIC: EstablishmentHolder = {
  kind: 'establishment',
  id: '1690781232',
  name: 'CLINIQUE DES CÈDRES',
  service: '3690781232/000001',
  department: 'Rhône (69)',
  director: { surname: 'VASSEUR', givenName: 'SOLÈNE' },
}

/** Acts for the clinic; the clinic vouches for her. */
export const NURSE = {
  id: '889970063304',
  idSystem: 'urn:oid:1.2.250.1.71.4.2.1',
  name: 'Inès FERRAND',
  role: 'Infirmier',
} as const

/** The insurer's certified list as CSV: `nir`, certification, then what letters are addressed by. */
export function insuredCsv(at: Date): string {
  const certifiedOn = new Date(at.getTime() - 30 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10)
  const quote = (field: string) => (/[",;]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)
  const header = ['nir', 'certified_on', 'certified_by', 'name', 'given_names', 'address_1', 'address_2', 'address_3']
  const lines = INSURED.map(({ nir, name, givenNames, address }) =>
    [nir, certifiedOn, 'SNGI', name, givenNames, ...[0, 1, 2].map(i => address[i] ?? '')].map(quote).join(','),
  )
  return [header.join(','), ...lines].map(line => `${line}\n`).join('')
}
