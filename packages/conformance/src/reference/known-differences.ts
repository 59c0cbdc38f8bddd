/** Benign archives of which another program is known to make something else, with the reason. */
export interface KnownDifferences {
  readonly [archive: string]: string;
}

const goType = "it knows neither this type nor the regular file that it is to be read as";
const parents = "parents of a whiteout that hides nothing are not made";
const writesHoles = "holes are written as zeros, 100 GiB of them";

/** umoci 0.4.7, which reads with Go's archive/tar and applies whiteouts. */
export const umociDifferences: KnownDifferences = {
  "a contiguous file, to be read as a regular one": goType,
  "a sparse file of the old GNU form": goType,
  "a sparse file of the old GNU form with a second block of pieces": goType,
  "a sparse file of 8 GiB and 5 bytes, the old form with base-256": goType,
  "a sparse file of 100 GiB, the form 1.0": writesHoles,
  "a global header, which says nothing about entries": "it refuses global headers, which git archive writes",
  "attributes of users: text, bytes, empty, on a directory": "attributes without a value are left out",
  "a whiteout in a directory that no entry makes": parents,
  "an opaque directory that no entry makes, in one that is no more than that": parents,
  "private files of an old storage driver": "they are unpacked, where Docker and Podman pass them over",
};

const noWhiteouts = "whiteouts are files to it";
const noLinksWithin = "it defers links that lead out of the tree, and absolute ones do to it";
const keepsTypes = "it does not replace a directory that has something in it";
const stricter = "it is stricter about numbers than POSIX asks";

/** GNU tar 1.34, which was not made for layers. */
export const gnuTarDifferences: KnownDifferences = {
  "names with slashes and dots in the middle": "the time of a directory that is named in another way later is lost",
  "names with .. that stay inside": "it refuses any ..",
  "a pax path beside a GNU long name, which counts":
    "pax counts to it; to Go, and so to every engine, the long name does",
  "a prefix where GNU tar keeps two times, as images of old have it from a writer with a mistake":
    "GNU tar never has a prefix there",
  "a hard link to a file beneath a symbolic link": noLinksWithin,
  "entries through a relative link to a directory, as systems with /usr have them":
    "the time of the directory behind the link is lost",
  "entries through an absolute link to a directory, as some systems have /etc": noLinksWithin,
  "entries through a chain of links, absolute and with ..": noLinksWithin,
  "a directory with files replaced by a file": keepsTypes,
  "a directory with files replaced by a symbolic link": keepsTypes,
  "no padding behind the last file": "it asks for whole blocks",
  "a global header, which says nothing about entries":
    "it applies them, as POSIX says; Docker's and Podman's reader does not",
  "pax records with nothing in them, which take nothing's place": stricter,
  "numbers without an end, with blanks before and behind, and left empty": stricter,
  "a whiteout": noWhiteouts,
  "a whiteout in a directory that no entry makes": noWhiteouts,
  "whiteouts with content, of odd types and of odd names": noWhiteouts,
  "a whiteout before the file of its name": noWhiteouts,
  "a whiteout behind the file of its name, which stays": noWhiteouts,
  "a whiteout before the directory of its name, which hides what is below": noWhiteouts,
  "a whiteout before a file in the directory of its name": noWhiteouts,
  "a whiteout that comes three times": noWhiteouts,
  "a whiteout of a symbolic link's name, replaced by a directory": noWhiteouts,
  "an opaque directory": noWhiteouts,
  "a directory that becomes opaque behind its files, which stay": noWhiteouts,
  "an opaque directory that no entry makes, in one that is no more than that": noWhiteouts,
  "private files of an old storage driver": noWhiteouts,
};
