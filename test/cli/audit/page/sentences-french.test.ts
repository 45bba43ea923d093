import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { inFrench } from '../../../../src/cli/audit/page/sentences-french.ts'

const AUDIT = 'src/log/audit'
/** Literals that begin as a sentence does, of more than one word, `${…}` for what differs. */
const SENTENCE = /'((?:[A-Z“][^'\n]* [^'\n]*))'|`((?:[A-Z“$][^`\n]* [^`\n]*))`/g
/** Where they are something else: the tables of kinds and of anomalies, the form of a usual entry, what is thrown, what names a statement. */
const TABLES = /finding\.ts|quick-entry\.ts|anomalies\.ts|source\.ts|asked\.ts|follow\.ts/
const NOT_FOUND = /LogError|SourceError|TypeError|^\s*(\*|\/\/)|prepare\(|pages\.of\(|import |: 'Professional'/
/** Those that end in a sentence's rest of their own line. */
const JOINED = /: \$\{why\}$|\$\{where\}$|^\$\{(?:message|keyId)\}/
/** Beginnings of sentences that `attempt` ends with a check's own words. */
const SUBJECT = /^(?:(?:An?|The|What) [^.,]{3,28}|A state after \$\{.*)$/

t.test('every sentence that an audit says has its French one', t => {
  const said: string[] = []
  for (const name of readdirSync(AUDIT).filter(file => !TABLES.test(file))) {
    for (const line of readFileSync(join(AUDIT, name), 'utf8').split('\n')) {
      if (NOT_FOUND.test(line)) continue
      const found = [...line.matchAll(SENTENCE)].map(([, plain, template]) => `${plain ?? template}`)
      said.push(...found.filter(sentence => !JOINED.test(sentence)))
    }
  }
  t.ok(said.length > 80, `${said.length} sentences`)
  for (const sentence of said) {
    const shown = sentence.replace(/\$\{error\.code\}/, 'some-code').replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, 'x1')
    const isSubject = SUBJECT.test(sentence)
    const candidates = [shown, `${shown} (document x1)`, ...(isSubject ? [`${shown}: some words (some-code)`] : [])]
    const french = candidates.map(inFrench).find(each => each !== null)
    t.not(french ?? sentence, sentence, sentence)
  }
  t.end()
})

t.test('what differs keeps its place; words are put into French, names are not', t => {
  t.equal(inFrench('Entries 3 to 5 are missing'), 'Les écritures 3 à 5 manquent')
  t.equal(
    inFrench('A read by professional 810000000017 without a right: the entry names no grant'),
    'Une lecture par le professionnel 810000000017 sans droit : l’écriture ne nomme aucune autorisation',
  )
  t.equal(inFrench('The grant AbC_1 is not in the store'), 'Manque dans la base : autorisation AbC_1')
  t.equal(
    inFrench('A grant: The signature does not verify (statement-signature)'),
    'Une autorisation : la vérification échoue (statement-signature)',
  )
  t.equal(inFrench('The signature does not verify (note-signature)'), 'La vérification échoue (note-signature)')
  t.equal(inFrench('Something nobody ever says'), null)
  t.end()
})
