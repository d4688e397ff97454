/** What is ours beside AWS's contract: attributes, headers and the like; all of them are optional to use. */

/** The header in which every answer of the engine says which revision of the registry it is at. */
export const revisionHeader = "x-cloudmap-revision";
