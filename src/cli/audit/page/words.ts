/** What the report's page says, in the two languages. Codes and ids are the program's own. */
import type { ActivityName } from '../../../log/audit/activity.ts'
import { ANOMALIES, type AnomalyKind } from '../../../log/audit/anomalies.ts'
import { FINDING_GROUPS, FINDINGS, type FindingCode, type FindingGroup } from '../../../log/audit/finding.ts'
import { ANOMALIES_FRENCH, FINDINGS_FRENCH, GROUPS_FRENCH } from './findings-french.ts'
import { inFrench } from './sentences-french.ts'

export const LANGUAGES = ['en', 'fr'] as const
export type Language = (typeof LANGUAGES)[number]

/** What is counted: when it is one, and when it is not. */
export type Counted = readonly [one: string, many: string]

export interface Words {
  /** Does a number take the singular? */
  readonly isOne: (count: number) => boolean
  readonly audit: string
  readonly deployment: string
  readonly made: string
  readonly noEntry: string
  readonly to: string
  readonly footer: string
  readonly holds: readonly [title: string, text: string]
  readonly open: readonly [title: string, text: string]
  readonly broken: readonly [title: string, text: (kinds: number) => string]
  readonly upTo: string
  readonly cosigned: (at: string) => string
  readonly figures: Readonly<
    Record<
      'entries' | 'records' | 'requests' | 'reads' | 'lists' | 'deposits' | 'refusals' | 'checkpoints' | 'documents',
      Counted
    >
  >
  readonly findings: string
  readonly finding: Readonly<Record<'concerns' | 'first' | 'means' | 'todo' | 'nowhere', string>>
  readonly place: Readonly<Record<'entry' | 'chain' | 'number', (value: string | number) => string>>
  /** A finding's own sentence, with its language where that is another one. */
  readonly sentence: (message: string) => { readonly text: string; readonly lang?: 'en' }
  readonly inAll: (count: string) => string
  readonly groups: Readonly<Record<FindingGroup, string>>
  readonly said: (code: FindingCode) => { readonly means: string; readonly todo: string }
  readonly activities: Readonly<Record<ActivityName, string>>
  readonly per: Readonly<Record<'day' | 'week' | 'month', string>>
  readonly unit: Readonly<Record<'day' | 'week' | 'month', string>>
  readonly asTable: string
  readonly professions: readonly [title: string, text: string]
  /** Actors whom no card names a profession of. */
  readonly actors: Readonly<Record<string, string>>
  readonly others: string
  readonly none: string
  readonly actions: Readonly<Record<'title' | 'action' | 'done' | 'refused', string>>
  readonly refusals: readonly [title: string, text: string, none: string, chart: string]
  readonly hours: readonly [title: string, text: (zone: string) => string, chart: string]
  readonly anomalies: readonly [title: string, text: string, none: string]
  readonly anomaly: Readonly<Record<'what' | 'who' | 'when' | 'count' | 'usual' | 'everybody', string>>
  readonly anomalyOf: (kind: AnomalyKind) => string
  readonly rests: readonly [title: string, text: string]
  readonly root: (entries: string) => readonly [before: string, after: string]
  readonly receipts: readonly [none: string, honoured: Counted, due: (due: string) => string]
}

const ENGLISH: Words = {
  isOne: count => count === 1,
  audit: 'Audit of',
  deployment: 'deployment',
  made: 'made',
  noEntry: 'no entry',
  to: 'to',
  footer:
    ', from the host’s store and the programme’s anchors; nothing was asked of the host. No name, INS or content of a patient is in this page: records stand under their ids. The handbook (docs/audit.md) says what is proved and what is not.',
  holds: [
    'The log holds',
    'Chains are whole, tree and checkpoints are theirs, every request is signed by who acted, and the patient’s right stands behind each read, list and deposit.',
  ],
  open: ['Nothing found, not all checked', 'The signatures of requests were left out: this is no proof.'],
  broken: [
    'The log does not hold',
    kinds =>
      `${kinds === 1 ? 'one kind of finding' : `${kinds} kinds of finding`}, below, each with the first entry that shows it.`,
  ],
  upTo: ' Up to',
  cosigned: at => `, cosigned by a quorum of witnesses at ${at} UTC`,
  figures: {
    entries: ['entry', 'entries'],
    records: ['record', 'records'],
    requests: ['signed request', 'signed requests'],
    reads: ['read', 'reads'],
    lists: ['list', 'lists'],
    deposits: ['deposit', 'deposits'],
    refusals: ['refusal', 'refusals'],
    checkpoints: ['checkpoint', 'checkpoints'],
    documents: ['document hashed again', 'documents hashed again'],
  },
  findings: 'Findings',
  finding: {
    ...{ concerns: 'concerns', first: 'first at', means: 'means', todo: 'to do' },
    nowhere: 'no entry in particular',
  },
  place: {
    entry: seq => `entry ${seq}`,
    chain: record => `chain ${record}`,
    number: n => `number ${n} there`,
  },
  inAll: count => `; ${count} in all`,
  groups: FINDING_GROUPS,
  sentence: text => ({ text }),
  said: code => FINDINGS[code],
  activities: {
    reads: 'documents read',
    lists: 'lists',
    deposits: 'deposits',
    changes: 'decisions and keys',
    sessions: 'sign-ins',
    refusals: 'refusals',
    other: 'other',
  },
  per: { day: 'Entries per day', week: 'Entries per week', month: 'Entries per month' },
  unit: { day: 'day', week: 'week', month: 'month' },
  asTable: 'As a table',
  professions: [
    'Accesses by profession',
    'Reads, lists and deposits that were granted; professions as the cards name them.',
  ],
  actors: {},
  others: 'all others',
  none: 'None.',
  actions: { title: 'Entries by action', action: 'action', done: 'done', refused: 'refused' },
  refusals: [
    'Refusals',
    'By the reason the host gave. Strangers without a valid signature are counted together.',
    'Nobody was refused.',
    'Refusals by reason',
  ],
  hours: ['Hours of the day', zone => `Acts on records by hour, ${zone}.`, 'Acts by hour of the day'],
  anomalies: [
    'What stands out',
    'Reasons to ask somebody, not proofs of anything: a night on duty or a vaccination day looks the same.',
    'Nothing stood out.',
  ],
  anomaly: {
    ...{ what: 'what', who: 'who', when: 'when', count: 'count', usual: 'usual, or threshold' },
    everybody: 'everybody',
  },
  anomalyOf: kind => ANOMALIES[kind],
  rests: [
    'What this rests on',
    'A host that colludes with a whole quorum of witnesses can leave acts out of a history; receipts and checkpoints kept by others are what shows that. Reads that never were asked through the protocol (a host copying its own disk) are ciphertext, and in no log.',
  ],
  root: entries => [`Root of the tree of ${entries}: `, '. Whoever keeps a checkpoint of this log can compare it.'],
  receipts: [
    'No receipts were given.',
    ['receipt that readers kept was honoured', 'receipts that readers kept were honoured'],
    due => `, ${due} not due yet.`,
  ],
}

const FRENCH: Words = {
  isOne: count => count < 2,
  audit: 'Audit de',
  deployment: 'déploiement',
  made: 'établi le',
  noEntry: 'aucune écriture',
  to: 'au',
  footer:
    ', à partir de la base de l’hébergeur et des ancres de confiance du groupement ; rien n’a été demandé à l’hébergeur. Aucun nom, INS ou contenu d’un patient ne figure dans cette page : les dossiers y sont sous leur identifiant. Le manuel (docs/audit.md) dit ce qui est prouvé et ce qui ne l’est pas.',
  holds: [
    'Le journal tient',
    'Les chaînes sont entières, l’arbre et les points de contrôle sont les leurs, chaque requête est signée par celui qui a agi, et le droit donné par le patient se trouve derrière chaque lecture, liste et dépôt.',
  ],
  open: [
    'Rien trouvé, tout n’a pas été vérifié',
    'Les signatures des requêtes ont été laissées de côté : ce n’est pas une preuve.',
  ],
  broken: [
    'Le journal ne tient pas',
    kinds =>
      `${kinds === 1 ? 'une sorte de constat' : `${kinds} sortes de constats`}, ci-dessous, chacune avec la première écriture qui la montre.`,
  ],
  upTo: ' Jusqu’à',
  cosigned: at => `, cosignées par un quorum de témoins le ${at} UTC`,
  figures: {
    entries: ['écriture', 'écritures'],
    records: ['dossier', 'dossiers'],
    requests: ['requête signée', 'requêtes signées'],
    reads: ['lecture', 'lectures'],
    lists: ['liste', 'listes'],
    deposits: ['dépôt', 'dépôts'],
    refusals: ['refus', 'refus'],
    checkpoints: ['point de contrôle', 'points de contrôle'],
    documents: ['document recalculé', 'documents recalculés'],
  },
  findings: 'Constats',
  finding: {
    ...{ concerns: 'concerne', first: 'd’abord à', means: 'signifie', todo: 'à faire' },
    nowhere: 'aucune écriture en particulier',
  },
  place: {
    entry: seq => `écriture ${seq}`,
    chain: record => `chaîne ${record}`,
    number: n => `numéro ${n} de celle-ci`,
  },
  inAll: count => ` ; ${count} en tout`,
  groups: GROUPS_FRENCH,
  sentence(message) {
    const text = inFrench(message)
    return text === null ? { text: message, lang: 'en' } : { text }
  },
  said: code => FINDINGS_FRENCH[code],
  activities: {
    reads: 'documents lus',
    lists: 'listes',
    deposits: 'dépôts',
    changes: 'décisions et clés',
    sessions: 'connexions',
    refusals: 'refus',
    other: 'autres',
  },
  per: { day: 'Écritures par jour', week: 'Écritures par semaine', month: 'Écritures par mois' },
  unit: { day: 'jour', week: 'semaine', month: 'mois' },
  asTable: 'En tableau',
  professions: [
    'Accès par profession',
    'Lectures, listes et dépôts accordés ; professions telles que les nomment les cartes.',
  ],
  actors: { Patient: 'Patient', Establishment: 'Établissement', Professional: 'Professionnel' },
  others: 'tous les autres',
  none: 'Aucun.',
  actions: { title: 'Écritures par action', action: 'action', done: 'faites', refused: 'refusées' },
  refusals: [
    'Refus',
    'Selon le motif donné par l’hébergeur. Les inconnus sans signature valable sont comptés ensemble.',
    'Personne n’a été refusé.',
    'Refus par motif',
  ],
  hours: [
    'Heures de la journée',
    zone => `Actes sur les dossiers par heure, ${zone}.`,
    'Actes par heure de la journée',
  ],
  anomalies: [
    'Ce qui ressort',
    'Des raisons d’interroger quelqu’un, pas des preuves : une nuit de garde ou une journée de vaccination a le même aspect.',
    'Rien ne ressort.',
  ],
  anomaly: {
    ...{ what: 'quoi', who: 'qui', when: 'quand', count: 'nombre', usual: 'habituel, ou seuil' },
    everybody: 'tous',
  },
  anomalyOf: kind => ANOMALIES_FRENCH[kind],
  rests: [
    'Sur quoi cela repose',
    'Un hébergeur de connivence avec tout un quorum de témoins peut omettre des actes d’une histoire ; les reçus et les points de contrôle conservés par d’autres le montrent. Les lectures qui n’ont jamais été demandées par le protocole (un hébergeur qui copie son propre disque) sont chiffrées, et ne sont dans aucun journal.',
  ],
  root: entries => [
    `Racine de l’arbre de ${entries} : `,
    '. Quiconque conserve un point de contrôle de ce journal peut la comparer.',
  ],
  receipts: [
    'Aucun reçu n’a été donné.',
    ['reçu conservé par des lecteurs a été honoré', 'reçus conservés par des lecteurs ont été honorés'],
    due => ` ; non encore exigibles : ${due}.`,
  ],
}

export const WORDS: Readonly<Record<Language, Words>> = { en: ENGLISH, fr: FRENCH }
