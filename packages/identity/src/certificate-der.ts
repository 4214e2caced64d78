import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509'

// The one shape of X.509 certificate that is issued here (RFC 5280): version 3, ECDSA P-256 with SHA-256, a CN, and the extensions below.

const ecdsaWithSha256 = new AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.2' })
const organizationalUnit = '2.5.4.11'
const commonName = '2.5.4.3'

/** Who a certificate is for or from, for people to read: each at most 64 characters (RFC 5280 appendix A.1). */
interface CertificateName {
  readonly unit: string
  readonly name: string
}

/** What a certificate says. */
export interface CertificateContent {
  readonly subject: CertificateName
  readonly subjectKey: KeyObject
  readonly issuer: CertificateName
  readonly issuerKey: KeyObject
  /** Private key of the issuer, ECDSA P-256. */
  readonly signingKey: KeyObject
  /** ms since 1970, cut to whole seconds. */
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly use:
    | { readonly kind: 'authority' }
    /** `purposes` are OIDs of extended key usage; `hosts` are DNS names and IP addresses. */
    | { readonly kind: 'leaf'; readonly uri: string; readonly hosts: readonly string[]; readonly purposes: readonly string[] }
}

/** Encodes and signs; returns PEM. The serial number is 126 random bits (RFC 5280 §4.1.2.2: positive, at most 20 bytes). */
export function encodeCertificate(content: CertificateContent): string {
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(),
    signature: ecdsaWithSha256,
    issuer: nameOf(content.issuer),
    validity: new Validity({ notBefore: wholeSecond(content.notBeforeMs), notAfter: wholeSecond(content.notAfterMs) }),
    subject: nameOf(content.subject),
    subjectPublicKeyInfo: publicKeyInfo(content.subjectKey),
    extensions: new Extensions(extensionsOf(content)),
  })
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), content.signingKey)
  const certificate = new Certificate({ tbsCertificate, signatureAlgorithm: ecdsaWithSha256, signatureValue: exactBuffer(signature) })
  const lines = Buffer.from(AsnConvert.serialize(certificate))
    .toString('base64')
    .match(/.{1,64}/g)!
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function extensionsOf({ use, subjectKey, issuerKey }: CertificateContent): Extension[] {
  const isAuthority = use.kind === 'authority'
  const keyUsage = isAuthority ? KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign : KeyUsageFlags.digitalSignature
  const extensions = [
    extension(id_ce_basicConstraints, new BasicConstraints(isAuthority ? { cA: true, pathLenConstraint: 0 } : {}), true),
    extension(id_ce_keyUsage, new KeyUsage(keyUsage), true),
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifier(subjectKey))),
    extension(id_ce_authorityKeyIdentifier, new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifier(issuerKey)) })),
  ]
  if (use.kind === 'leaf') {
    extensions.push(extension(id_ce_extKeyUsage, new ExtendedKeyUsage([...use.purposes])))
    const uri = new GeneralName({ uniformResourceIdentifier: use.uri })
    extensions.push(extension(id_ce_subjectAltName, new SubjectAlternativeName([uri, ...use.hosts.map(hostName)])))
  }
  return extensions
}

function extension(extnID: string, value: object, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) })
}

function hostName(host: string): GeneralName {
  return new GeneralName(isIP(host) === 0 ? { dNSName: host } : { iPAddress: host })
}

function nameOf({ unit, name }: CertificateName): Name {
  return new Name([attribute(organizationalUnit, unit), attribute(commonName, name)])
}

function attribute(type: string, text: string): RelativeDistinguishedName {
  return new RelativeDistinguishedName([new AttributeTypeAndValue({ type, value: new AttributeValue({ utf8String: text }) })])
}

function publicKeyInfo(key: KeyObject): SubjectPublicKeyInfo {
  return AsnConvert.parse(key.export({ type: 'spki', format: 'der' }), SubjectPublicKeyInfo)
}

/** SHA-1 of the public key's bits (RFC 5280 §4.2.1.2, method 1): a name for the key, no protection. */
function keyIdentifier(key: KeyObject): ArrayBuffer {
  return exactBuffer(
    createHash('sha1')
      .update(Buffer.from(publicKeyInfo(key).subjectPublicKey))
      .digest(),
  )
}

/** First byte 0x40 to 0x7f: positive, and never a leading zero byte, which DER forbids. */
function serialNumber(): ArrayBuffer {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x3f) | 0x40
  return exactBuffer(bytes)
}

/** Small Buffers are views of a pool; the encoder takes the whole ArrayBuffer. */
function exactBuffer(bytes: Buffer): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}

function wholeSecond(atMs: number): Date {
  return new Date(Math.floor(atMs / 1000) * 1000)
}
