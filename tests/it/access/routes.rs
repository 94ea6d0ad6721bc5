//! Every route, every role (AZ01), and other people's drafts (AZ02).

use axum::http::Method;
use liaison_tracker::web::router;

use super::stage;
use crate::support::visitor::Visitor;

/// Method and path, then the statuses for: nobody, somebody without a role, a chair of another group, the chair whose
/// statements they are, an Area Director of the chair's area, the sender's liaison manager, an IAB member, a
/// coordinator, the secretariat. Forms are sent empty, each against an object of its own.
///
/// 303 is the way to the sign-in page, or on after what was done; 404 is also what may not be read.
const TABLE: &str = "
GET  /healthz                                                           200 200 200 200 200 200 200 200 200
GET  /readyz                                                            200 200 200 200 200 200 200 200 200
GET  /                                                                  200 200 200 200 200 200 200 200 200
GET  /statements/incoming/new                                           303 303 200 200 200 200 303 200 200
POST /statements/incoming/new                                           303 403 303 303 303 303 403 303 303
GET  /statements/outgoing/new                                           303 403 200 200 200 200 403 200 200
POST /statements/outgoing/new                                           303 403 303 303 303 303 403 303 303
GET  /statements/unrecorded/new                                         303 200 200 200 200 200 200 200 200
GET  /statements/unrecorded/new?draft=<draft>                           303 404 404 200 404 403 403 200 200
GET  /statements/unrecorded/new?draft=<review>                          303 404 404 303 403 403 403 303 303
GET  /statements/unrecorded/new?draft=<no-draft>                        303 404 404 404 404 404 404 404 404
POST /statements/unrecorded/new                                         303 422 422 422 422 422 422 422 422
GET  /statements/unrecorded/<report>                                    404 404 404 200 404 200 200 200 200
GET  /statements/unrecorded/<no-draft>                                  404 404 404 404 404 404 404 404 404
GET  /statements/unrecorded/<report>/files/1/letter.pdf                 404 404 404 200 404 200 200 200 200
GET  /statements/unrecorded/<report>/files/9/letter.pdf                 404 404 404 404 404 404 404 404 404
GET  /statements/unrecorded/<no-draft>/files/1/letter.pdf               404 404 404 404 404 404 404 404 404
POST /statements/unrecorded/<report>/take                               404 404 404 403 404 303 403 303 303
POST /statements/unrecorded/<no-draft>/take                             404 404 404 404 404 404 404 404 404
POST /statements/unrecorded/<report>/give-back                          404 404 404 403 404 303 403 303 303
POST /statements/unrecorded/<no-draft>/give-back                        404 404 404 404 404 404 404 404 404
POST /statements/unrecorded/<report>/record                             404 404 404 403 404 303 403 303 303
POST /statements/unrecorded/<no-draft>/record                           404 404 404 404 404 404 404 404 404
POST /statements/unrecorded/<report>/set-aside                          404 404 404 403 404 422 403 422 422
POST /statements/unrecorded/<no-draft>/set-aside                        404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<draft>                                         404 404 404 200 404 200 200 200 200
GET  /statements/drafts/<review>                                        404 404 404 200 200 200 200 200 200
GET  /statements/drafts/<was-draft>                                     303 303 303 303 303 303 303 303 303
GET  /statements/drafts/<no-draft>                                      404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>                                         404 404 404 409 404 409 403 409 409
POST /statements/drafts/<review>                                        404 404 404 303 403 303 403 303 303
POST /statements/drafts/<was-draft>                                     303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>                                      404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/open                                     404 404 404 200 404 200 403 200 200
POST /statements/drafts/<review>/open                                    404 404 404 200 403 200 403 200 200
POST /statements/drafts/<was-draft>/open                                 303 303 303 200 303 200 303 200 200
POST /statements/drafts/<no-draft>/open                                  404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<draft>/versions                                 404 404 404 200 404 200 200 200 200
GET  /statements/drafts/<review>/versions                                404 404 404 200 200 200 200 200 200
GET  /statements/drafts/<was-draft>/versions                             303 303 303 303 303 303 303 303 303
GET  /statements/drafts/<no-draft>/versions                              404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<draft>/differences?older=1&newer=1              404 404 404 200 404 200 200 200 200
GET  /statements/drafts/<review>/differences?older=1&newer=1             404 404 404 200 200 200 200 200 200
GET  /statements/drafts/<was-draft>/differences?older=1&newer=1          303 303 303 303 303 303 303 303 303
GET  /statements/drafts/<no-draft>/differences?older=1&newer=1           404 404 404 404 404 404 404 404 404
GET  /statements/<posted>/versions                                       303 403 403 200 200 200 200 200 200
GET  /statements/<no-number>/versions                                    303 403 404 404 404 404 404 404 404
GET  /statements/<posted>/versions/1                                     303 403 403 200 200 200 200 200 200
GET  /statements/<posted>/versions/9                                     303 403 403 404 404 404 404 404 404
GET  /statements/<no-number>/versions/1                                  303 403 404 404 404 404 404 404 404
GET  /statements/<posted>/differences?older=1&newer=1                    303 403 403 200 200 200 200 200 200
GET  /statements/<no-number>/differences?older=1&newer=1                 303 403 404 404 404 404 404 404 404
GET  /statements/drafts/<draft>/versions/1                               404 404 404 200 404 200 200 200 200
GET  /statements/drafts/<review>/versions/1                              404 404 404 200 200 200 200 200 200
GET  /statements/drafts/<was-draft>/versions/1                           303 303 303 303 303 303 303 303 303
GET  /statements/drafts/<no-draft>/versions/1                            404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<draft>/submit                                  404 404 404 200 404 200 403 200 200
GET  /statements/drafts/<review>/submit                                 404 404 404 303 403 303 403 303 303
GET  /statements/drafts/<was-draft>/submit                              303 303 303 303 303 303 303 303 303
GET  /statements/drafts/<no-draft>/submit                               404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/submit                                  404 404 404 303 404 303 403 303 303
POST /statements/drafts/<review>/submit                                 404 404 404 303 303 303 303 303 303
POST /statements/drafts/<was-draft>/submit                              303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/submit                               404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<draft>/review                                  404 404 404 303 404 303 303 303 303
GET  /statements/drafts/<review>/review                                 404 404 404 200 200 200 200 200 200
GET  /statements/drafts/<was-draft>/review                              303 303 303 303 303 303 303 303 303
GET  /statements/drafts/<no-draft>/review                               404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/review                                  404 404 404 303 404 303 303 303 303
POST /statements/drafts/<review>/review                                 404 404 404 403 403 422 403 422 403
POST /statements/drafts/<was-draft>/review                              303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/review                               404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/hold                                    404 404 404 403 404 403 403 303 403
POST /statements/drafts/<review>/hold                                   404 404 404 403 403 403 403 303 403
POST /statements/drafts/<was-draft>/hold                                303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/hold                                 404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/release                                 404 404 404 403 404 403 403 303 403
POST /statements/drafts/<review>/release                                404 404 404 403 403 403 403 303 403
POST /statements/drafts/<was-draft>/release                             303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/release                              404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<draft>/enter                                   404 404 404 403 404 403 403 303 303
GET  /statements/drafts/<review>/enter                                  404 404 404 403 403 403 403 303 303
GET  /statements/drafts/<was-draft>/enter                               303 303 303 303 303 303 303 303 303
GET  /statements/drafts/<no-draft>/enter                                404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/enter                                   404 404 404 403 404 403 403 303 303
POST /statements/drafts/<review>/enter                                  404 404 404 403 403 403 403 303 303
POST /statements/drafts/<was-draft>/enter                               303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/enter                                404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<draft>/consult                                 404 404 404 403 404 403 403 200 403
GET  /statements/drafts/<review>/consult                                404 404 404 403 403 403 403 200 403
GET  /statements/drafts/<was-draft>/consult                             303 303 303 303 303 303 303 303 303
GET  /statements/drafts/<no-draft>/consult                              404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/consult                                 404 404 404 403 404 403 403 422 403
POST /statements/drafts/<review>/consult                                404 404 404 403 403 403 403 422 403
POST /statements/drafts/<was-draft>/consult                             303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/consult                              404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<draft>/hand-over                               404 404 404 200 404 200 403 200 200
GET  /statements/drafts/<review>/hand-over                              404 404 404 303 403 303 403 303 303
GET  /statements/drafts/<was-draft>/hand-over                           303 303 303 303 303 303 303 303 303
GET  /statements/drafts/<no-draft>/hand-over                            404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/hand-over                               404 404 404 422 404 422 403 422 422
POST /statements/drafts/<review>/hand-over                              404 404 404 303 403 303 403 303 303
POST /statements/drafts/<was-draft>/hand-over                           303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/hand-over                            404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/share                                   404 404 404 303 404 303 403 303 303
POST /statements/drafts/<review>/share                                  404 404 404 303 403 303 403 303 303
POST /statements/drafts/<was-draft>/share                               303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/share                                404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/share/revoke                            404 404 404 303 404 303 403 303 303
POST /statements/drafts/<review>/share/revoke                           404 404 404 303 403 303 403 303 303
POST /statements/drafts/<was-draft>/share/revoke                        303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/share/revoke                         404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<draft>/tell-group                              404 404 404 303 404 303 403 303 303
GET  /statements/drafts/<review>/tell-group                             404 404 404 303 403 303 403 303 303
GET  /statements/drafts/<was-draft>/tell-group                          303 303 303 303 303 303 303 303 303
GET  /statements/drafts/<no-draft>/tell-group                           404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/tell-group                              404 404 404 303 404 303 403 303 303
POST /statements/drafts/<review>/tell-group                             404 404 404 303 403 303 403 303 303
POST /statements/drafts/<was-draft>/tell-group                          303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/tell-group                           404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/split                                   404 404 404 303 404 303 403 303 303
POST /statements/drafts/<review>/split                                  404 404 404 303 403 303 403 303 303
POST /statements/drafts/<was-draft>/split                               303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/split                                404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<draft>/other-format                            404 404 404 403 404 403 403 403 403
GET  /statements/drafts/<review>/other-format                           404 404 404 403 403 403 403 403 403
GET  /statements/drafts/<was-draft>/other-format                        303 303 303 303 303 303 303 303 303
GET  /statements/drafts/<no-draft>/other-format                         404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/other-format                            404 404 404 403 404 403 403 403 403
POST /statements/drafts/<review>/other-format                           404 404 404 403 403 403 403 403 403
POST /statements/drafts/<was-draft>/other-format                        303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/other-format                         404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<draft>/letter                                  404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<review>/letter                                 404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<was-draft>/letter                              303 303 303 303 303 303 303 303 303
GET  /statements/drafts/<no-draft>/letter                               404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<draft>/letter.txt                              404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<review>/letter.txt                             404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<was-draft>/letter.txt                          303 303 303 303 303 303 303 303 303
GET  /statements/drafts/<no-draft>/letter.txt                           404 404 404 404 404 404 404 404 404
GET  /statements/<posted>/letter                                        404 404 404 404 404 404 404 404 404
GET  /shared-drafts/<secret>                                            404 404 404 404 404 404 404 404 404
GET  /shared-drafts/<secret>/files/1/draft.pdf                          404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/wait                                    404 404 404 422 404 422 403 422 422
POST /statements/drafts/<review>/wait                                   404 404 404 303 303 303 303 303 303
POST /statements/drafts/<was-draft>/wait                                303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/wait                                 404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/resume                                  404 404 404 303 404 303 403 303 303
POST /statements/drafts/<review>/resume                                 404 404 404 303 303 303 303 303 303
POST /statements/drafts/<was-draft>/resume                              303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/resume                               404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/take-back                               404 404 404 303 404 303 403 303 303
POST /statements/drafts/<review>/take-back                              404 404 404 303 403 303 403 303 303
POST /statements/drafts/<was-draft>/take-back                           303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/take-back                            404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/abandon                                 404 404 404 422 404 403 403 422 422
POST /statements/drafts/<review>/abandon                                404 404 404 422 403 403 403 422 422
POST /statements/drafts/<was-draft>/abandon                             303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/abandon                              404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/restore                                 404 404 404 303 404 403 403 303 303
POST /statements/drafts/<review>/restore                                404 404 404 303 403 403 403 303 303
POST /statements/drafts/<was-draft>/restore                             303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/restore                              404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/link-instead                            404 404 404 303 404 403 403 303 303
POST /statements/drafts/<review>/link-instead                           404 404 404 303 403 403 403 303 303
POST /statements/drafts/<was-draft>/link-instead                        303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/link-instead                         404 404 404 404 404 404 404 404 404
POST /statements/drafts/<draft>/delete                                  404 404 404 303 404 403 403 303 303
POST /statements/drafts/<review>/delete                                 404 404 404 303 403 403 403 303 303
POST /statements/drafts/<was-draft>/delete                              303 303 303 303 303 303 303 303 303
POST /statements/drafts/<no-draft>/delete                               404 404 404 404 404 404 404 404 404
GET  /statements/<posted>                                               200 200 200 200 200 200 200 200 200
GET  /statements/<no-number>                                            404 404 404 404 404 404 404 404 404
GET  /statements/<draft>                                                404 404 404 404 404 404 404 404 404
POST /statements/<posted>/comments                                      303 403 403 422 422 422 422 422 422
POST /statements/<no-number>/comments                                   303 403 404 404 404 404 404 404 404
GET  /statements/<posted>/edit                                          303 403 403 403 403 200 403 200 200
GET  /statements/<no-number>/edit                                       303 403 404 404 404 404 404 404 404
POST /statements/<posted>/edit                                          303 403 403 403 403 303 403 303 303
POST /statements/<no-number>/edit                                       303 403 404 404 404 404 404 404 404
GET  /statements/<posted>/files                                         303 403 403 403 403 200 403 200 200
GET  /statements/<no-number>/files                                      303 403 404 404 404 404 404 404 404
POST /statements/<posted>/files                                         303 403 403 403 403 422 403 422 422
POST /statements/<no-number>/files                                      303 403 404 404 404 404 404 404 404
GET  /statements/<posted>/files/1                                       303 403 403 403 403 200 403 200 200
GET  /statements/<posted>/files/9                                       303 403 403 403 403 404 403 404 404
POST /statements/<posted>/files/1                                       303 403 403 403 403 422 403 422 422
POST /statements/<posted>/files/9                                       303 403 403 403 403 404 403 404 404
GET  /statements/<posted>/take-away                                     303 403 403 403 403 403 403 200 200
GET  /statements/<no-number>/take-away                                  303 403 404 404 404 404 404 404 404
POST /statements/<posted>/take-away                                     303 403 403 403 403 403 403 422 422
POST /statements/<no-number>/take-away                                  303 403 404 404 404 404 404 404 404
GET  /statements/<posted>/thread                                        200 200 200 200 200 200 200 200 200
GET  /statements/<no-number>/thread                                     404 404 404 404 404 404 404 404 404
GET  /statements/<posted>/thread.csv                                    200 200 200 200 200 200 200 200 200
GET  /statements/<no-number>/thread.csv                                 404 404 404 404 404 404 404 404 404
GET  /statements/incoming/new?like=1                                    303 303 403 200 200 200 303 200 200
GET  /statements/incoming/new?like=999999                               303 303 404 404 404 404 303 404 404
GET  /statements/incoming/new?like-draft=<draft>                        303 303 404 200 404 200 303 200 200
GET  /statements/incoming/new?like-draft=<no-draft>                     303 303 404 404 404 404 303 404 404
GET  /statements/<posted>/receipt                                       303 403 403 403 403 200 403 200 403
GET  /statements/<no-number>/receipt                                    303 403 404 404 404 404 404 404 404
POST /statements/<posted>/receipt                                       303 403 403 403 403 303 403 303 403
POST /statements/<no-number>/receipt                                    303 403 404 404 404 404 404 404 404
GET  /statements/<posted>/approval                                      303 403 404 404 404 404 404 404 404
GET  /statements/<no-number>/approval                                   303 403 404 404 404 404 404 404 404
POST /statements/<posted>/approval                                      303 403 404 404 404 404 404 404 404
POST /statements/<no-number>/approval                                   303 403 404 404 404 404 404 404 404
GET  /statements/<posted>/confirmed                                     303 403 404 404 404 404 404 404 404
GET  /statements/<no-number>/confirmed                                  303 403 404 404 404 404 404 404 404
POST /statements/<posted>/confirmed                                     303 403 404 404 404 404 404 404 404
POST /statements/<no-number>/confirmed                                  303 403 404 404 404 404 404 404 404
GET  /statements/<posted>/remove                                        303 403 403 403 403 403 403 200 200
GET  /statements/<no-number>/remove                                     303 403 404 404 404 404 404 404 404
POST /statements/<posted>/remove                                        303 403 403 403 403 403 403 422 422
POST /statements/<no-number>/remove                                     303 403 404 404 404 404 404 404 404
GET  /statements/<posted>/actions/wire                                  303 403 200 200 200 200 200 200 200
GET  /statements/<posted>/actions/mesh                                  303 403 404 404 404 404 404 404 404
GET  /statements/<no-number>/actions/wire                               303 403 404 404 404 404 404 404 404
POST /statements/<posted>/actions/wire                                  303 403 403 422 422 422 403 422 422
POST /statements/<no-number>/actions/wire                               303 403 404 404 404 404 404 404 404
POST /statements/<posted>/actions/wire/deadline                         303 403 403 422 403 422 403 422 403
POST /statements/<no-number>/actions/wire/deadline                      303 403 404 404 404 404 404 404 404
POST /statements/<posted>/actions/wire/told                             303 403 403 422 403 422 403 422 403
POST /statements/<no-number>/actions/wire/told                          303 403 404 404 404 404 404 404 404
POST /statements/<posted>/actions/wire/not-for-us                       303 403 403 422 403 403 403 403 403
POST /statements/<no-number>/actions/wire/not-for-us                    303 403 404 404 404 404 404 404 404
POST /statements/<posted>/actions/wire/stays                            303 403 403 403 403 303 403 303 403
POST /statements/<no-number>/actions/wire/stays                         303 403 404 404 404 404 404 404 404
POST /statements/<posted>/actions/wire/redirect                         303 403 403 403 403 422 403 422 403
POST /statements/<no-number>/actions/wire/redirect                      303 403 404 404 404 404 404 404 404
POST /statements/<posted>/actions/wire/lead                             303 403 403 403 403 303 403 303 403
POST /statements/<no-number>/actions/wire/lead                          303 403 404 404 404 404 404 404 404
GET  /statements/<posted>/attachments/1/public.pdf                      200 200 200 200 200 200 200 200 200
GET  /statements/<posted>/attachments/2/secret.pdf                      404 404 404 200 200 200 200 200 200
GET  /statements/<posted>/attachments/9/none.pdf                        404 404 404 404 404 404 404 404 404
GET  /statements/<no-number>/attachments/1/public.pdf                   404 404 404 404 404 404 404 404 404
GET  /statements/<posted>/attachments/3/note.txt/text                    200 200 200 200 200 200 200 200 200
GET  /statements/<posted>/attachments/2/secret.pdf/text                  404 404 404 404 404 404 404 404 404
GET  /statements/<no-number>/attachments/3/note.txt/text                 404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<draft>/attachments/1/draft.pdf                 404 404 404 200 404 200 200 200 200
GET  /statements/drafts/<review>/attachments/1/review.pdf               404 404 404 200 200 200 200 200 200
GET  /statements/drafts/<was-draft>/attachments/2/secret.pdf            301 301 301 301 301 301 301 301 301
GET  /statements/drafts/<draft>/attachments/2/note.txt/text              404 404 404 200 404 200 200 200 200
GET  /statements/drafts/<was-draft>/attachments/3/note.txt/text          301 301 301 301 301 301 301 301 301
GET  /statements/drafts/<no-draft>/attachments/2/note.txt/text           404 404 404 404 404 404 404 404 404
GET  /statements/drafts/<no-draft>/attachments/1/draft.pdf              404 404 404 404 404 404 404 404 404
POST /statements/<posted>/mail/<delivery>/send-again                    303 403 403 303 403 303 403 303 303
POST /statements/<posted>/mail/<review-delivery>/send-again             303 403 403 404 403 404 403 404 404
POST /statements/<no-number>/mail/<delivery>/send-again                 303 404 404 404 404 404 404 404 404
POST /statements/drafts/<review>/mail/<review-delivery>/send-again      303 404 404 404 403 404 403 404 404
POST /statements/drafts/<draft>/mail/<delivery>/send-again              303 404 404 404 404 404 403 404 404
POST /statements/drafts/<no-draft>/mail/<delivery>/send-again           303 404 404 404 404 404 404 404 404
POST /statements/<posted>/mail/<delivery>/give-up                       303 403 403 303 403 303 403 303 303
POST /statements/<posted>/mail/<review-delivery>/give-up                303 403 403 404 403 404 403 404 404
POST /statements/<no-number>/mail/<delivery>/give-up                    303 404 404 404 404 404 404 404 404
POST /statements/drafts/<review>/mail/<review-delivery>/give-up         303 404 404 404 403 404 403 404 404
POST /statements/drafts/<draft>/mail/<delivery>/give-up                 303 404 404 404 404 404 403 404 404
POST /statements/drafts/<no-draft>/mail/<delivery>/give-up              303 404 404 404 404 404 404 404 404
GET  /statements                                                        200 200 200 200 200 200 200 200 200
GET  /documents                                                         200 200 200 200 200 200 200 200 200
GET  /documents/rfc4052                                                 200 200 200 200 200 200 200 200 200
GET  /documents/none                                                    404 404 404 404 404 404 404 404 404
GET  /organizations                                                     200 200 200 200 200 200 200 200 200
GET  /organizations/itu-t                                               200 200 200 200 200 200 200 200 200
GET  /organizations/none                                                404 404 404 404 404 404 404 404 404
GET  /organizations/itu-t/receipts                                      303 403 403 403 403 200 403 200 403
GET  /organizations/3gpp/receipts                                       303 403 403 403 403 403 403 200 403
GET  /organizations/ietf/receipts                                       303 403 404 404 404 404 404 404 404
GET  /organizations/none/receipts                                       303 403 404 404 404 404 404 404 404
POST /organizations/itu-t/receipts                                      303 403 403 403 403 303 403 303 403
POST /organizations/3gpp/receipts                                       303 403 403 403 403 403 403 303 403
POST /organizations/none/receipts                                       303 403 404 404 404 404 404 404 404
GET  /organizations/itu-t/contacts                                      303 403 200 200 200 200 200 200 200
GET  /organizations/none/contacts                                       303 403 404 404 404 404 404 404 404
GET  /groups/wire/contacts                                              303 403 200 200 200 200 200 200 200
GET  /groups/none/contacts                                              303 403 404 404 404 404 404 404 404
POST /groups/itu-t-sg11/contacts                                        303 403 403 403 403 422 403 422 422
POST /groups/wire/contacts                                              303 403 403 403 403 403 403 422 422
POST /groups/3gpp-sa3/contacts                                          303 403 403 403 403 403 403 422 422
POST /groups/none/contacts                                              303 403 404 404 404 404 404 404 404
GET  /groups/itu-t-sg11/contacts/<contact>                              303 403 403 403 403 200 403 200 200
GET  /groups/wire/contacts/<contact>                                    303 403 403 403 403 403 403 404 404
GET  /groups/itu-t-sg11/contacts/99999                                  303 403 403 403 403 404 403 404 404
POST /groups/itu-t-sg11/contacts/<contact>                              303 403 403 403 403 422 403 422 422
POST /groups/wire/contacts/<contact>                                    303 403 403 403 403 403 403 422 422
GET  /groups/itu-t-sg11/sending                                         303 403 403 403 403 200 403 200 200
GET  /groups/3gpp/sending                                               303 403 403 403 403 403 403 200 200
POST /groups/itu-t-sg11/sending                                         303 403 403 403 403 303 403 303 303
POST /groups/wire/sending                                               303 403 403 403 403 403 403 303 303
POST /groups/itu-t/aliases/<role>                                       303 403 403 403 403 403 403 303 303
POST /groups/itu-t-sg11/aliases/<role>                                  303 403 403 403 403 403 403 404 404
POST /groups/itu-t/aliases/99999                                        303 403 403 403 403 403 403 404 404
GET  /groups/suggest?q=wire                                             200 200 200 200 200 200 200 200 200
GET  /groups/wire                                                       200 200 200 200 200 200 200 200 200
GET  /groups/none                                                       404 404 404 404 404 404 404 404 404
GET  /relationships                                                     200 200 200 200 200 200 200 200 200
GET  /liaison/<no-number>                                               301 301 301 301 301 301 301 301 301
GET  /liaison/<no-number>/                                              301 301 301 301 301 301 301 301 301
GET  /statements.csv                                                     200 200 200 200 200 200 200 200 200
GET  /statements.json                                                    200 200 200 200 200 200 200 200 200
GET  /statements.atom                                                    200 200 200 200 200 200 200 200 200
GET  /organizations.csv                                                  200 200 200 200 200 200 200 200 200
GET  /organizations.json                                                 200 200 200 200 200 200 200 200 200
GET  /relationships.csv                                                  200 200 200 200 200 200 200 200 200
GET  /relationships.json                                                 200 200 200 200 200 200 200 200 200
GET  /feed/liaison/recent                                                301 301 301 301 301 301 301 301 301
GET  /feed/liaison/recent/                                               301 301 301 301 301 301 301 301 301
GET  /feed/liaison/from/itu-t                                            301 301 301 301 301 301 301 301 301
GET  /feed/liaison/from/itu-t/                                           301 301 301 301 301 301 301 301 301
GET  /feed/liaison/by/itu-t                                              404 404 404 404 404 404 404 404 404
GET  /sitemap.xml                                                        200 200 200 200 200 200 200 200 200
GET  /sitemap/pages.xml                                                  200 200 200 200 200 200 200 200 200
GET  /sitemap/documents.xml                                             200 200 200 200 200 200 200 200 200
GET  /sitemap/statements-1.xml                                           200 200 200 200 200 200 200 200 200
GET  /sitemap/none.xml                                                   404 404 404 404 404 404 404 404 404
GET  /robots.txt                                                         200 200 200 200 200 200 200 200 200
GET  /help                                                              200 200 200 200 200 200 200 200 200
GET  /desk                                                              303 200 200 200 200 200 200 200 200
GET  /sign-in                                                           200 200 200 200 200 200 200 200 200
POST /sign-in                                                           422 422 422 422 422 422 422 422 422
GET  /sign-in/<secret>                                                  410 410 410 410 410 410 410 410 410
POST /sign-in/<secret>                                                  410 410 410 410 410 410 410 410 410
POST /sign-out                                                          303 303 303 303 303 303 303 303 303
GET  /password/forgotten                                                200 200 200 200 200 200 200 200 200
POST /password/forgotten                                                422 422 422 422 422 422 422 422 422
GET  /password/<secret>                                                 410 410 410 410 410 410 410 410 410
POST /password/<secret>                                                 410 410 410 410 410 410 410 410 410
GET  /account                                                           303 200 200 200 200 200 200 200 200
POST /account/away                                                      303 303 303 303 303 303 303 303 303
POST /account/password                                                  303 422 422 422 422 422 422 422 422
POST /account/address                                                   303 422 422 422 422 422 422 422 422
GET  /account/address/<secret>                                          410 410 410 410 410 410 410 410 410
POST /account/address/<secret>                                          410 410 410 410 410 410 410 410 410
POST /account/sessions/<session>/end                                    303 404 404 303 303 303 303 303 303
POST /account/sessions/99999/end                                        303 303 303 303 303 303 303 303 303
POST /account/sign-out-everywhere                                       303 303 303 303 303 303 303 303 303
GET  /administration/mail                                               303 403 403 403 403 403 403 403 200
GET  /administration/mail/<mail>                                        303 403 403 403 403 403 403 403 200
GET  /administration/mail/99999                                         303 403 403 403 403 403 403 403 404
POST /administration/mail/<mail>/<delivery>/send-again                  303 403 403 403 403 403 403 403 303
POST /administration/mail/<mail>/<review-delivery>/send-again           303 403 403 403 403 403 403 403 404
POST /administration/mail/99999/<delivery>/send-again                   303 403 403 403 403 403 403 403 404
POST /administration/mail/<mail>/<delivery>/give-up                     303 403 403 403 403 403 403 403 303
POST /administration/mail/99999/<delivery>/give-up                      303 403 403 403 403 403 403 403 404
GET  /api                                                               200 200 200 200 200 200 200 200 200
GET  /api/v1/openapi.json                                                200 200 200 200 200 200 200 200 200
GET  /api/v1/statements                                                 200 200 200 200 200 200 200 200 200
GET  /api/v1/statements/<posted>                                        200 200 200 200 200 200 200 200 200
GET  /api/v1/statements/<no-number>                                     404 404 404 404 404 404 404 404 404
";

fn rows() -> Vec<(Method, &'static str, Vec<&'static str>)> {
    let parse = |line: &'static str| {
        let mut words = line.split_whitespace();
        let method = words.next().expect("a method").parse().expect("a method");
        (method, words.next().expect("a path"), words.collect::<Vec<_>>())
    };
    TABLE.lines().filter(|line| !line.trim().is_empty()).map(parse).collect()
}

/// Whether a row of the table is about a route.
pub fn is_of(route: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (route, path): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
    route.len() == path.len() && route.iter().zip(&path).all(|(part, given)| if part.starts_with('{') { !given.is_empty() } else { part == given })
}

#[tokio::test]
async fn every_route_answers_every_role_as_the_table_says() {
    let stage = stage().await;
    let mut wrong = Vec::new();

    for (method, row, expected) in rows() {
        let mut statuses = Vec::new();
        for (_, person) in stage.roles() {
            let is_change = method == Method::POST;
            let draft = if is_change { stage.twin(&stage.draft).await } else { stage.draft.clone() };
            let review = if is_change { stage.twin(&stage.review).await } else { stage.review.clone() };
            let mut visitor = stage.visitor(person).await;
            let body = is_change.then(|| ("application/x-www-form-urlencoded".to_owned(), Vec::new()));
            let page = visitor.go(method.clone(), &stage.path(row, &draft, &review), body).await;
            statuses.push(page.status.as_str().to_owned());
        }
        if statuses != expected {
            wrong.push(format!("{:<4} {row:<66} {}", method.as_str(), statuses.join(" ")));
        }
    }

    assert!(wrong.is_empty(), "these answer otherwise:\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_route_stands_in_the_table() {
    let stage = stage().await;
    let rows = rows();

    let missing: Vec<String> = router::table(&stage.service.app)
        .into_iter()
        .filter(|(method, route, _)| !rows.iter().any(|(of, path, _)| of == method && is_of(route, path)))
        .map(|(method, route, access)| format!("{method} {route} ({})", access.as_str()))
        .collect();
    let unknown: Vec<String> = rows
        .iter()
        .filter(|(method, path, _)| !router::table(&stage.service.app).iter().any(|(of, route, _)| of == method && is_of(route, path)))
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();

    assert_eq!((missing, unknown), (Vec::new(), Vec::new()));
}

/// The page without what it says of its own address.
pub(super) fn body(visitor: &Visitor, asked: &str) -> String {
    let source = visitor.page.source();
    let encoded = liaison_tracker::urls::encode(asked);
    source.replace(&encoded, "ASKED").replace(asked, "ASKED")
}

const OF_A_DRAFT: [(&str, &str); 20] = [
    ("GET", "/statements/drafts/ID"),
    ("GET", "/statements/drafts/ID/submit"),
    ("GET", "/statements/drafts/ID/review"),
    ("GET", "/statements/drafts/ID/attachments/1/draft.pdf"),
    ("GET", "/statements/drafts/ID/attachments/2/note.txt/text"),
    ("GET", "/statements/drafts/ID/versions"),
    ("GET", "/statements/drafts/ID/differences?older=1&newer=1"),
    ("GET", "/statements/drafts/ID/letter"),
    ("GET", "/statements/drafts/ID/letter.txt"),
    ("GET", "/statements/drafts/ID/tell-group"),
    ("POST", "/statements/drafts/ID/share"),
    ("POST", "/statements/drafts/ID/share/revoke"),
    ("POST", "/statements/drafts/ID/split"),
    ("POST", "/statements/drafts/ID/other-format"),
    ("POST", "/statements/drafts/ID/open"),
    ("POST", "/statements/drafts/ID"),
    ("POST", "/statements/drafts/ID/submit"),
    ("POST", "/statements/drafts/ID/review"),
    ("POST", "/statements/drafts/ID/abandon"),
    ("POST", "/statements/drafts/ID/delete"),
];

#[tokio::test]
async fn a_draft_that_one_may_not_read_looks_like_none() {
    let stage = stage().await;
    let before = stage.fingerprint().await;
    let nothing = "B".repeat(stage.draft.len());

    for (who, person) in stage.roles().into_iter().filter(|(who, _)| matches!(*who, "anonymous" | "outsider" | "other chair")) {
        let mut visitor = stage.visitor(person).await;
        for (method, path) in OF_A_DRAFT {
            let mut answers = Vec::new();
            for id in [&stage.draft, &stage.review, &nothing] {
                let path = path.replace("ID", id);
                let form = (method == "POST").then(|| ("application/x-www-form-urlencoded".to_owned(), b"decision=approve&reason=x".to_vec()));
                visitor.go(method.parse().expect("a method"), &path, form).await;
                let names: Vec<String> = visitor.page.headers.keys().map(ToString::to_string).collect();
                answers.push((visitor.page.status.as_u16(), names, body(&visitor, &path)));
            }
            assert_eq!(answers[0].0, 404, "{who} {method} {path}");
            assert_eq!(answers[0], answers[2], "{who} {method} {path}");
            assert_eq!(answers[1], answers[2], "{who} {method} {path}");
        }
    }

    let sessions_aside = |prints: Vec<(String, i64, String)>| prints.into_iter().filter(|print| print.0 != "sessions").collect::<Vec<_>>();
    assert_eq!(super::differing(&sessions_aside(before), &sessions_aside(stage.fingerprint().await)), Vec::<String>::new());
}

const OF_A_REPORT: [(&str, &str); 6] = [
    ("GET", "/statements/unrecorded/ID"),
    ("GET", "/statements/unrecorded/ID/files/1/letter.pdf"),
    ("POST", "/statements/unrecorded/ID/take"),
    ("POST", "/statements/unrecorded/ID/give-back"),
    ("POST", "/statements/unrecorded/ID/record"),
    ("POST", "/statements/unrecorded/ID/set-aside"),
];

#[tokio::test]
async fn a_report_that_one_may_not_read_looks_like_none() {
    let stage = stage().await;
    let before = stage.fingerprint().await;
    let nothing = "B".repeat(stage.report.len());

    // another peer's manager, too
    let strangers = stage.roles().into_iter().filter(|(who, _)| matches!(*who, "anonymous" | "outsider" | "other chair" | "area director"));
    for (who, person) in strangers.chain([("manager of another peer", Some(&stage.world.manager_3gpp))]) {
        let mut visitor = stage.visitor(person).await;
        for (method, path) in OF_A_REPORT {
            let mut answers = Vec::new();
            for id in [&stage.report, &nothing] {
                let path = path.replace("ID", id);
                let form = (method == "POST").then(|| ("application/x-www-form-urlencoded".to_owned(), b"version=1&reason=x".to_vec()));
                visitor.go(method.parse().expect("a method"), &path, form).await;
                let names: Vec<String> = visitor.page.headers.keys().map(ToString::to_string).collect();
                answers.push((visitor.page.status.as_u16(), names, body(&visitor, &path)));
            }
            assert_eq!(answers[0].0, 404, "{who} {method} {path}");
            assert_eq!(answers[0], answers[1], "{who} {method} {path}");
        }
    }

    let sessions_aside = |prints: Vec<(String, i64, String)>| prints.into_iter().filter(|print| print.0 != "sessions").collect::<Vec<_>>();
    assert_eq!(super::differing(&sessions_aside(before), &sessions_aside(stage.fingerprint().await)), Vec::<String>::new());
}

#[tokio::test]
async fn nothing_public_tells_of_a_draft() {
    let stage = stage().await;
    let pool = &stage.service.app.pool;
    sqlx::query("UPDATE statements SET title = 'Canary in the mine', body = 'Canary' WHERE number IS NULL").execute(pool).await.expect("drafts");
    sqlx::query("UPDATE unrecorded_statements SET title = 'Canary in the mine'").execute(pool).await.expect("reports");
    let ids: Vec<i64> = sqlx::query_scalar("SELECT statement_id FROM statements WHERE number IS NULL").fetch_all(pool).await.expect("drafts");
    assert!(!ids.is_empty());

    let mut visitor = stage.visitor(Some(&stage.world.outsider)).await;
    let mut paths: Vec<String> = [
        "/",
        "/statements",
        "/statements?q=canary",
        "/statements?q=wire",
        "/organizations",
        "/organizations/itu-t",
        "/organizations/ietf",
        "/groups/wire",
        "/groups/itu-t-sg11",
        "/groups/suggest?q=canary",
        "/relationships",
        "/api/v1/statements",
        "/api/v1/statements?q=canary",
        "/api/v1/openapi.json",
        "/statements.csv",
        "/statements.csv?q=canary",
        "/statements.json",
        "/statements.json?q=canary",
        "/statements.atom",
        "/statements.atom?q=canary",
        "/organizations.csv",
        "/organizations.json",
        "/relationships.csv",
        "/relationships.json",
        "/sitemap.xml",
        "/sitemap/pages.xml",
        "/sitemap/documents.xml",
        "/documents",
        "/documents?q=canary",
        "/documents/rfc4052",
        "/sitemap/statements-1.xml",
        "/robots.txt",
        "/statements/1",
        "/api/v1/statements/1",
        "/desk",
        "/account",
    ]
    .map(str::to_owned)
    .into();
    // neighbours of what is public, and keys of the tables
    for id in ids.into_iter().chain(0..6).chain([-1]) {
        paths.extend([
            format!("/statements/{id}"),
            format!("/api/v1/statements/{id}"),
            format!("/liaison/{id}"),
            format!("/statements/drafts/{id}"),
            format!("/statements/{id}/attachments/1/draft.pdf"),
            format!("/statements/{id}/attachments/2/note.txt/text"),
        ]);
    }
    for id in [&stage.draft, &stage.review, &stage.report] {
        paths.extend([
            format!("/statements/unrecorded/{id}"),
            format!("/statements/{id}"),
            format!("/api/v1/statements/{id}"),
            format!("/api/v1/statements/drafts/{id}"),
            format!("/liaison/{id}"),
        ]);
    }
    for path in paths {
        visitor.get(&path).await;
        let source = visitor.page.source().replace("q=canary", "").replace("q=%22canary", "").replace("value=\"canary\"", "").replace("“canary”", "");
        assert!(!source.contains("Canary"), "{path}: {}", visitor.page.text);
        for id in [&stage.draft, &stage.review, &stage.report] {
            let asked = path.contains(id.as_str());
            assert!(asked || !source.contains(id.as_str()), "{path} tells of {id}");
        }
    }

    // and those who may, see it
    let mut chair = stage.visitor(Some(&stage.world.chair)).await;
    chair.get("/desk").await;
    chair.assert_says("Canary in the mine");
}

#[tokio::test]
async fn a_file_for_those_concerned_is_for_them_only() {
    let stage = stage().await;

    for (who, person) in stage.roles() {
        let mut visitor = stage.visitor(person).await;
        let concerned = matches!(who, "chair" | "area director" | "manager" | "IAB member" | "coordinator" | "secretariat");
        visitor.get("/statements/1/attachments/1/public.pdf").await;
        visitor.assert_status(200);
        visitor.get("/statements/1/attachments/2/secret.pdf").await;
        visitor.assert_status(if concerned { 200 } else { 404 });
        visitor.get("/statements/1").await;
        assert_eq!(visitor.page.source().contains("/attachments/2/"), concerned, "{who}: the statement's page");
        visitor.get("/api/v1/statements/1").await;
        assert!(!visitor.page.source().contains("/attachments/2/") || concerned, "{who}: the API");
    }
}
