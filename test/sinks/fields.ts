import { fieldNames } from '../../sinks/format.js'
import { topology } from '../../topology.js'

export const fields = fieldNames(topology.formats)
