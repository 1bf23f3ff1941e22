import { TributaryError } from '../../schemas/errors.js'

/** Given ones are those of the local stack. Else the SDK's own chain looks: variables, profile, SSO, web identity, role of a pod or a machine. */
export function givenCredentials(account: { readonly accessKeyId?: string; readonly secretAccessKey?: string }) {
  const { accessKeyId, secretAccessKey } = account
  return accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}
}

/** The SDK has looked everywhere and found none: no server was asked, and asking again a moment later finds none either. */
export function throwMissingCredentials(doing: string, error: unknown): void {
  const { name = '', message = '' } = error as { name?: string; message?: string }
  if (/^(CredentialsProvider|TokenProvider|Provider)Error$/.test(name))
    throw new TributaryError('AWS_CREDENTIALS', `${doing}: ${message}`, { cause: error })
}
