import { addCompartment } from '../../client/patient/compartments.ts'
import { type Command, UsageError } from '../command.ts'
import { HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient add-compartment',
  summary: 'make a compartment of your own',
  help: `
Makes a compartment that nobody has access to until you give it by its name. The host never learns the name; who is given
access does. Then move documents into it, or let somebody deposit there.

Examples:
  coffre patient add-compartment psychiatrie --home ~/dmp
  coffre patient move DOCUMENT --to psychiatrie --home ~/dmp
  coffre patient grant --to 810001234567 --right psychiatrie=RD --home ~/dmp
`,
  positionals: [{ name: 'NAME', description: 'up to 63 bytes', required: true }],
  options: { ...HOME_OPTION },
  async run(args, io) {
    const [name] = args.positionals
    if (name === undefined) throw new UsageError('Give the compartment a name')
    return await signedIn(args, io, async session => {
      const added = await addCompartment(session, name)
      io.print(`The compartment "${added.name}" is there; nobody has access to it but you.`)
      return added
    })
  },
}
