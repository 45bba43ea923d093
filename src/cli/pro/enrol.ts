import { StepError } from '../../client/errors.ts'
import { enrol } from '../../client/professional/enrol.ts'
import { readWorkstation, Workstation } from '../../client/professional/workstation.ts'
import { type Command, textOption } from '../command.ts'
import { actingOf, cardFilesOf, homeOf, openCard, WORKSTATION_OPTIONS } from './options.ts'

export const command: Command = {
  name: 'pro enrol',
  summary: 'make working keys and publish them, signed by the card',
  help: `
Makes this folder the workstation of the card's holder. Two working keys are made (one signs, one opens what patients
seal to you); the card signs a statement that they are yours, and the host publishes it. From then on the card is
asked for at the start of each command: it opens the folder's keys and the connection.

The keys lie in the folder, sealed so that only this card opens them. The anchors say which deployment is trusted;
they are pinned in the folder at the first enrolment.

Running it again changes nothing while the keys are in force; coffre pro renew makes new ones. An establishment enrols the
same way with its own card, naming who acts (--acting-id …).

Examples:
  coffre pro enrol --home ws/leroy --card cards/leroy --anchors anchors.json
  coffre pro enrol --home ws/val --card cards/val/card.pem --pin-file pin.txt --anchors anchors.json \\
    --acting-id 11223 --acting-name "Paul ROUX" --acting-role Infirmier
`,
  options: {
    ...WORKSTATION_OPTIONS,
    anchors: { type: 'string', value: 'FILE', description: 'the deployment’s anchors; needed the first time' },
  },
  async run(args, io) {
    const home = homeOf(args)
    const cardFiles = (await cardFilesOf(args)) ?? (await rememberedCard(home))
    const card = await openCard(args, io, cardFiles)
    const anchors = textOption(args, 'anchors')
    const workstation = await Workstation.create({
      home,
      card,
      cardFiles,
      clock: io.clock,
      ...(anchors === undefined ? {} : { anchors }),
    })
    const acting = actingOf(args, io)
    const done = await enrol(workstation, acting === undefined ? {} : { acting })
    const { name, nationalId, kind } = workstation.file
    io.print(
      done.isNew
        ? `${name} (${nationalId}) is enrolled: the card signed the working keys, the host published them.`
        : `${name} (${nationalId}) was enrolled already; nothing was changed.`,
    )
    io.print(`Key statement ${done.keyStatement}, good until ${done.notAfter.slice(0, 10)}.`)
    return { kind, nationalId, name, keyStatement: done.keyStatement, notAfter: done.notAfter, isNew: done.isNew }
  },
}

async function rememberedCard(home: string) {
  const { cardFiles } = await readWorkstation(home)
  if (cardFiles === null) throw new StepError('Name the card with --card', { code: 'card-missing' })
  return cardFiles
}
