/** What the hello says about us; a test holds the version to package.json. */
export const sdkName = '@outrider/sdk'
export const sdkVersion = '0.1.0'
