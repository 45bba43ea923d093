/**
 * What was found at one place, in French. The audit says it in English, once (src/log/audit); here stands each of its
 * sentences beside its French one, what they have in common at the places `{}`. A test holds the list to the source.
 */

const SENTENCES: readonly (readonly [english: string, french: string])[] = [
  // entries and chains
  ['Entry {} is missing', 'L’écriture {} manque'],
  ['Entries {} to {} are missing', 'Les écritures {} à {} manquent'],
  ['Entry {} of its chain stands twice', 'L’écriture {} de sa chaîne figure deux fois'],
  ['Its chain had an entry {} already', 'Sa chaîne avait déjà une écriture {}'],
  ['An entry of another record', 'Une écriture d’un autre dossier'],
  [
    'Entry {} of the chain is missing: entry {} stands in its place',
    'L’écriture {} de la chaîne manque : l’écriture {} est à sa place',
  ],
  ['Entry {} does not follow the entry before it', 'L’écriture {} ne suit pas celle qui la précède'],
  ['Entry {} is dated before the one before it', 'L’écriture {} est datée d’avant celle qui la précède'],
  [
    'The store knows this entry as {}, and its lines are {}',
    'La base connaît cette écriture sous {}, et ses lignes donnent {}',
  ],
  ['The store files this entry under the chain {}', 'La base range cette écriture dans la chaîne {}'],
  ['A line of an entry has not the form it should', 'Une ligne d’une écriture n’a pas la forme convenue'],
  ['An entry is dated {}, after one of {} was written', 'Une écriture est datée du {}, alors qu’une du {} la précède'],
  [
    'An entry dated {} is not in the tree that was witnessed at {}',
    'Une écriture datée du {} n’est pas dans l’arbre que les témoins ont vu le {}',
  ],
  [
    'An entry dated {} is in a tree that was witnessed at {}',
    'Une écriture datée du {} est dans un arbre que les témoins ont vu le {}',
  ],
  [
    'An entry of the system’s chain names a grant or a state',
    'Une écriture de la chaîne du système nomme une autorisation ou un état',
  ],
  [
    'A record’s chain begins with another act than its opening',
    'La chaîne d’un dossier commence par un autre acte que son ouverture',
  ],
  ['A record was opened a second time', 'Un dossier a été ouvert une seconde fois'],
  ['{} in a record that its patient had closed', '{} dans un dossier que son patient avait clos'],
  [
    'A record was destroyed that its patient had not closed',
    'Un dossier a été détruit que son patient n’avait pas clos',
  ],
  [
    'No order of the authority covers what was erased here',
    'Aucun ordre de l’autorité ne couvre ce qui a été effacé ici',
  ],
  ['The log does not say, after it, that this was erased', 'Le journal ne dit pas, après coup, que ceci a été effacé'],
  ['Erased at {}, and witnesses had seen it {}: too young', 'Effacé le {}, vu par les témoins : {} ; trop récent'],
  ['A log.erase names another range than its order', 'Un log.erase nomme une autre étendue que son ordre'],
  // tree, checkpoints, tiles, receipts
  [
    'The checkpoint of {} entries is not the root of these entries',
    'Le point de contrôle de {} écritures n’est pas la racine de ces écritures',
  ],
  [
    'The published checkpoint of {} entries is not of this tree',
    'Le point de contrôle publié, de {} écritures, n’est pas de cet arbre',
  ],
  [
    'The published checkpoint of {} entries is not the root of the published leaves',
    'Le point de contrôle publié, de {} écritures, n’est pas la racine des feuilles publiées',
  ],
  [
    'A checkpoint has another origin than the anchors say',
    'Un point de contrôle a une autre origine que ne le disent les ancres',
  ],
  [
    'The checkpoint has another origin than the anchors say',
    'Le point de contrôle a une autre origine que ne le disent les ancres',
  ],
  ['No checkpoint is published', 'Aucun point de contrôle n’est publié'],
  [
    'The published checkpoint lacks cosignatures that the policy asks for',
    'Au point de contrôle publié manquent des cosignatures que demande la politique',
  ],
  [
    'The published checkpoint is of {} entries, the newest of {}',
    'Le point de contrôle publié est de {} écritures, le plus récent de {}',
  ],
  [
    'The published checkpoint was cosigned {} minutes ago',
    'Le point de contrôle publié a été cosigné il y a {} minutes',
  ],
  ['The log signed a tree of {} entries, and {} are here', 'Le journal a signé un arbre de {} écritures ; {} sont ici'],
  [
    'The checkpoint {} of {} entries is of another tree',
    'Le point de contrôle {}, de {} écritures, est d’un autre arbre',
  ],
  ['The checkpoint {} is of {} entries, and {} are here', 'Le point de contrôle {} est de {} écritures ; {} sont ici'],
  ['An entry of {} is not in the tree of {}', 'Une écriture du {} n’est pas dans l’arbre du {}'],
  [
    'The entry {} of a receipt that was due by {} is not in the tree',
    'L’écriture {} d’un reçu, due le {}, n’est pas dans l’arbre',
  ],
  [
    'The entry of a receipt that was due by {} is not in the tree',
    'L’écriture d’un reçu, due le {}, n’est pas dans l’arbre',
  ],
  [
    'The entry of a receipt that was due by {} is not in the store',
    'L’écriture d’un reçu, due le {}, n’est pas dans la base',
  ],
  // the right behind an act
  ['This act relies on no grant, and names one', 'Cet acte ne repose sur aucune autorisation, et en nomme une'],
  ['A refusal relies on no grant, and names one', 'Un refus ne repose sur aucune autorisation, et en nomme une'],
  [
    '{} by {} {} without a right: the entry names no grant',
    '{} par {} {} sans droit : l’écriture ne nomme aucune autorisation',
  ],
  [
    '{} by {} {} without a right: the grant is not in the state in force: revoked, or never given',
    '{} par {} {} sans droit : l’autorisation n’est pas dans l’état en vigueur, retirée ou jamais donnée',
  ],
  [
    '{} by {} {} without a right: the grant is another’s',
    '{} par {} {} sans droit : l’autorisation est celle d’un autre',
  ],
  [
    '{} by {} {} without a right: the patient has blocked who acted',
    '{} par {} {} sans droit : le patient a exclu celui qui a agi',
  ],
  [
    '{} by {} {} without a right: the grant was until {}',
    '{} par {} {} sans droit : l’autorisation allait jusqu’au {}',
  ],
  [
    '{} by {} {} without a right: the grant does not give to read in {}',
    '{} par {} {} sans droit : l’autorisation ne permet pas de lire dans {}',
  ],
  [
    '{} by {} {} without a right: the grant does not give to deposit in {}',
    '{} par {} {} sans droit : l’autorisation ne permet pas de déposer dans {}',
  ],
  ['A list of {} documents, and {} were within reach', 'Une liste de {} documents, alors que {} étaient accessibles'],
  [
    'A document was served to {} after its author had withdrawn it',
    'Un document a été servi à {} après que son auteur l’eut retiré',
  ],
  [
    'A document was served to {} after the patient had moved it to {}',
    'Un document a été servi à {} après que le patient l’eut déplacé vers {}',
  ],
  [
    'A document was withdrawn by {}, who is not its author or does not reach it',
    'Un document a été retiré par {}, qui n’en est pas l’auteur ou n’y a pas accès',
  ],
  ['The document {} was never deposited', 'Le document {} n’a jamais été déposé'],
  ['The document {} was deposited before', 'Le document {} avait déjà été déposé'],
  [
    'A deposit under epoch {} of a compartment in epoch {}',
    'Un dépôt sous l’époque {} d’un compartiment à l’époque {}',
  ],
  [
    'A deposit cites a state that was not in force before it',
    'Un dépôt cite un état qui n’était pas en vigueur avant lui',
  ],
  [
    'The entry names another document or compartment than the deposit',
    'L’écriture nomme un autre document ou compartiment que le dépôt',
  ],
  ['Refused as “{}”: the patient needs no grant', 'Refusé (« {} ») : le patient n’a pas besoin d’autorisation'],
  ['Refused as “{}”: the document was there', 'Refusé (« {} ») : le document était là'],
  ['Refused as “{}”: a grant in force covered it', 'Refusé (« {} ») : une autorisation en vigueur le permettait'],
  ['Refused as “{}”: the document was within reach', 'Refusé (« {} ») : le document était accessible'],
  ['A patient acted in the record of another', 'Un patient a agi dans le dossier d’un autre'],
  ['A recovery by somebody without a grant in force', 'Une récupération par quelqu’un sans autorisation en vigueur'],
  [
    'A recovery was entered for an identity that had been stopped',
    'Une récupération a été inscrite pour une identité qui avait été arrêtée',
  ],
  [
    'A new identity came in by a recovery that was never entered',
    'Une nouvelle identité est entrée par une récupération jamais inscrite',
  ],
  ['A new identity does not follow the one in force', 'Une nouvelle identité ne suit pas celle en vigueur'],
  // states and statements
  ['A change of state names no state', 'Un changement d’état ne nomme aucun état'],
  [
    'The sets behind the new state’s roots are not in the store',
    'Les ensembles derrière les racines du nouvel état ne sont pas dans la base',
  ],
  ['The entry names another state than the one in force', 'L’écriture nomme un autre état que celui en vigueur'],
  [
    'A change of state was asked for by another key than the one that signed it',
    'Un changement d’état a été demandé par une autre clé que celle qui l’a signé',
  ],
  [
    'The entry says another change than the states show',
    'L’écriture dit un autre changement que ne le montrent les états',
  ],
  [
    'A placement moves a document from where it did not lie',
    'Un placement déplace un document d’où il ne se trouvait pas',
  ],
  [
    'A grant names a key that its grantee had not published',
    'Une autorisation nomme une clé que son titulaire n’avait pas publiée',
  ],
  [
    'The newest state in the store is not the one in force',
    'L’état le plus récent de la base n’est pas celui en vigueur',
  ],
  ['A state in the store was never in force', 'Un état de la base n’a jamais été en vigueur'],
  ['The log knows nothing of the {} {}', 'Le journal ne sait rien de : {} {}'],
  ['The text of the {} {} is another one', 'Le texte n’est pas le sien : {} {}'],
  // requests, keys, papers
  ['An act without a signed request', 'Un acte sans requête signée'],
  ['The request names the key {}, not {}', 'La requête nomme la clé {}, non {}'],
  ['The request’s signature does not verify', 'La signature de la requête ne se vérifie pas'],
  ['“{}” was asked for, and {} is said to be done', '« {} » a été demandé, et {} est dit fait'],
  [
    'The person acting is not the one that was signed for',
    'La personne agissante n’est pas celle pour qui il a été signé',
  ],
  ['Signed at {}, entered at {}', 'Signé le {}, inscrit le {}'],
  ['Its request stands behind an earlier entry', 'Sa requête est derrière une écriture antérieure'],
  [
    'Who signed had seen a tree of {} entries that is not this one',
    'Le signataire avait vu un arbre de {} écritures qui n’est pas celui-ci',
  ],
  [
    'Who signed had seen another entry {} of this chain',
    'Le signataire avait vu une autre écriture {} de cette chaîne',
  ],
  [
    'Who signed holds a receipt of an entry that is not here',
    'Le signataire détient le reçu d’une écriture qui n’est pas ici',
  ],
  ['The key {} had not been published', 'La clé {} n’avait pas été publiée'],
  ['The key {} is not that of {} {}', 'La clé {} n’est pas celle de {} {}'],
  ['A key withdrawn on {} signed later', 'Une clé retirée le {} a signé après'],
  ['A key was withdrawn in another holder’s name', 'Une clé a été retirée au nom d’un autre titulaire'],
  ['A key valid until {} signed later', 'Une clé valable jusqu’au {} a signé plus tard'],
  ['The card was revoked on {}', 'La carte a été révoquée le {}'],
  ['A stored revocation list cannot be read ({})', 'Une liste de révocation conservée est illisible ({})'],
  ['A key was published in another holder’s name', 'Une clé a été publiée au nom d’un autre titulaire'],
  [
    'A published key does not follow the holder’s key before it',
    'Une clé publiée ne suit pas la clé précédente du titulaire',
  ],
  ['No record was opened by the identity {}', 'Aucun dossier n’a été ouvert par l’identité {}'],
  ['An import names no registration', 'Une importation ne nomme aucune inscription'],
  ['An import names another purpose than the registration', 'Une importation nomme un autre usage que l’inscription'],
  ['The registration {} had not been imported', 'L’inscription {} n’avait pas été importée'],
  ['A registration was used a second time', 'Une inscription a été utilisée une seconde fois'],
  [
    'A record was opened by another identity than its name comes from',
    'Un dossier a été ouvert par une autre identité que celle dont vient son nom',
  ],
  // documents as stored
  ['The store has a document that was never deposited (document {})', 'La base a un document jamais déposé ({})'],
  ['The store has it in {}, the patient in {} (document {})', 'La base l’a dans {}, le patient dans {} (document {})'],
  ['The manifest is another one (document {})', 'Le manifeste est un autre (document {})'],
  ['The envelope is another one (document {})', 'L’enveloppe est une autre (document {})'],
  ['Its body is not in the store (document {})', 'Son corps n’est pas dans la base (document {})'],
  ['The body is another one (document {})', 'Le corps est un autre (document {})'],
  ['The store cannot be read ({})', 'La base ne peut être lue ({})'],
  // those that begin with what they speak of: after all others
  ['{} is missing', '{} manque'],
  ['{} is not what the entries give', '{} n’est pas ce que donnent les écritures'],
  ['{} is not what the leaves give', '{} n’est pas ce que donnent les feuilles'],
  ['{} holds something else than hashes', '{} contient autre chose que des empreintes'],
  ['{} has nothing to do in this chain', '{} n’a rien à faire dans cette chaîne'],
  ['{} is not for a {} to do', '{} n’est pas un acte permis à un acteur « {} »'],
  ['The {} {} is not in the store', 'Manque dans la base : {} {}'],
]

/** What the audit was at when a check failed: the check's own words follow in English, its code says the same. */
const SUBJECTS: Readonly<Record<string, string>> = {
  'A list': 'Une liste',
  'A read': 'Une lecture',
  'A deposit': 'Un dépôt',
  'A withdrawal': 'Un retrait',
  'A grant': 'Une autorisation',
  'A placement': 'Un placement',
  'A delegation': 'Une délégation',
  'A handover': 'Une passation',
  'A recovery': 'Une récupération',
  'A registration': 'Une inscription',
  'An erasure': 'Un effacement',
  'The registration used': 'L’inscription utilisée',
  'A new identity': 'Une nouvelle identité',
  'The identity': 'L’identité',
  'The activation': 'L’activation',
  'A published key': 'Une clé publiée',
  'A signed request': 'Une requête signée',
  'The request’s signature': 'La signature de la requête',
  'What was seen': 'Ce qui avait été vu',
  'The new state': 'Le nouvel état',
  'The first state': 'Le premier état',
  'The state in force': 'L’état en vigueur',
}

const WORDS: Readonly<Record<string, string>> = {
  ...SUBJECTS,
  professional: 'le professionnel',
  establishment: 'l’établissement',
  patient: 'patient',
  host: 'hébergeur',
  insurer: 'assurance',
  registration: 'inscription',
  identity: 'identité',
  activation: 'activation',
  key: 'clé',
  state: 'état',
  grant: 'autorisation',
  placement: 'placement',
  delegation: 'délégation',
  handover: 'passation',
  recovery: 'récupération',
  deposit: 'dépôt',
  none: 'aucune',
  never: 'jamais',
}

const CHECK_FAILED = /^(?:((?:An?|The|What) [^.:]+): )?.+ \(([a-z][a-z0-9-]+)\)$/

const patterns = SENTENCES.map(([english, french]) => {
  const parts = english.split('{}').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return [new RegExp(`^${parts.join('(.+?)')}$`, 's'), french] as const
})

/** A finding's own sentence in French; null for one that is not in the list. */
export function inFrench(sentence: string): string | null {
  for (const [pattern, french] of patterns) {
    const said = pattern.exec(sentence)?.slice(1)
    if (said !== undefined) return french.replaceAll('{}', () => wordOf(said.shift() ?? ''))
  }
  const [, subject, code] = CHECK_FAILED.exec(sentence) ?? []
  if (code === undefined) return null
  return subject === undefined
    ? `La vérification échoue (${code})`
    : `${subjectOf(subject)} : la vérification échoue (${code})`
}

function subjectOf(subject: string): string {
  const after = /^A state after (.+)$/.exec(subject)?.[1]
  if (after !== undefined) return `Un état après ${after}`
  const [, kind, hash] = /^The ([a-z]+) (\S+)$/.exec(subject) ?? []
  return kind === undefined ? wordOf(subject) : `${wordOf(kind)} ${hash}`
}

const wordOf = (word: string): string => (Object.hasOwn(WORDS, word) ? (WORDS[word] as string) : word)
