"""Capitalised words that are no person's name: software, places, dates, openings of sentences.

"docker" in thing_words(); "austin" in double_words()
"""

from functools import cache

from transforms.anonymize.words import account_words

# Capitalised in prose and no person: software, its makers and parts, languages of both kinds.
_TECHNOLOGY = """
    backport cluster darwin demos iter jaeger macs memberlist mimir nats promtail regen rosetta
    thor unpause astro nitro moby faraday octokit thanos helgrind cortex diff resp py une ada adobe
    aix airbnb airflow alpine amazon amd angular ansi ansible ant apollo apple aqua arch arduino
    ascii asana atlassian atom avro azure babel bash basic bazel berkeley bitbucket bokeh bolt
    boost bootstrap bower brave buck buildkite bun bundler bzip caddy canonical capybara cargo
    cassandra catalina celery centos ceph chai cheetah chef chrome chromium cirrus clojure cobol
    cocoa codex codecov codespaces composer conan conda consul copilot corba cordova cosmos
    coverity crystal cucumber cuda cygwin cypress cython dagger dart dask datadog debian delphi
    deno dependabot devise dex discord disney django docker dojo dropbox drupal dune eclipse eiffel
    elastic elasticsearch electron elixir elm emacs ember envoy epic erlang esbuild eslint etcd
    ethernet euler excel express facebook falcon fedora figma firebase firefox flask flink flow
    flutter fortran foundation freebsd freetype galera gatsby gauss gerrit gimp gin git gitea
    github gitlab gitter gnome gnu godot golang google gradle grafana graphite graphql groovy grunt
    gtk gulp gunicorn hadoop handlebars harbor haskell hasura helm heroku hibernate homebrew hudson
    husky ibm icinga idea influx insomnia intel invoke istio ivy jade jasmine java javascript
    jekyll jenkins jest jetbrains jetty jinja jira joomla jquery json julia junit jupyter kafka
    karma katacoda keras kerberos kestrel keycloak kibana konqueror kotlin kubernetes lambda
    laravel latex latin leaflet lerna less linkerd linkedin linux lisp lodash loki lotus lua lucene
    macports magento make mako mandrill manjaro mapbox mariadb markdown marko marten maven maxima
    meetup mercurial mercury meson meta metro micronaut microsoft minio mint mistral mocha modal
    mongo mongodb monero mosaic motif mozilla mustache mysql nagios neo nessus netbeans netflix
    netlify netscape netty next nexus nginx nix nodejs nomad notion novell npm numpy nuxt oauth
    ocaml octave okta openai opera oracle packer pandas parcel parse pascal paypal perforce perl
    phoenix php pico pip pixi plotly pnpm podman poetry polymer postgres postgresql postman
    prettier prisma prometheus protobuf pulumi puma puppet pycharm pypi pypy pytest python pytorch
    qt rabbit rabbitmq rack rails raspberry react reddit redhat redis redux regex renovate rhino
    riak rocket rollup ruby rust safari salesforce sass scala scheme scipy scrapy scratch scrum
    selenium sentry shopify sidekiq signal sinatra skype slack smalltalk solaris solr sonar
    sonarqube spark sphinx splunk spotify spring sqlite stackoverflow storybook stripe stylus
    sublime subversion supabase svelte swagger swift symfony tailwind tcl tekton telegram
    tensorflow terraform tesla thrift titanium tomcat tor tornado toyota travis trello trilium tsc
    turbo twilio twitter twisted typescript ubuntu unicode unicorn unity unix uwsgi vagrant vala
    valgrind vault velocity vercel vim vite vitess vitest vivaldi volta vue vulkan watcom webkit
    webpack whatsapp wikipedia windows wordpress xcode xen yahoo yarn youtube zeit zeppelin zig
    zipkin zoom zookeeper zulip buster deutsch espanol geo hurd mac sentinel solver starlette stash
    app apps arial bar baz browser client foo lazily lints login major minor plugin plugins promise
    qux server slave startup true false world aes avx bcrypt blake ecdsa hmac rsa sha utf algol
    bezier boolean cantor cauchy dijkstra fourier fibonacci gaussian hamming huffman jacobian
    kronecker laplace levenshtein mersenne newton poisson unicode
"""
# Countries, peoples, languages, continents and large cities.
_PLACES = """
    africa african albania algeria america american americas amsterdam angola antarctica arab
    arabia arabic argentina arizona armenia asia asian athens atlanta atlantic auckland austin
    australia australian austria austrian azerbaijan baltimore bangalore bangkok bangladesh
    barcelona bavaria beijing belarus belgian belgium belgrade bengali berlin bern bolivia bombay
    bosnia boston brazil brazilian brisbane bristol britain british brooklyn brussels bucharest
    budapest bulgaria bulgarian cairo calcutta california cambodia cambridge cameroon canada
    canadian cantonese catalan chicago chile china chinese cologne colombia colorado columbia
    copenhagen costa croatia croatian cuba cyprus czech dakota dallas damascus danish delaware
    delhi denmark denver detroit dubai dublin dutch ecuador edinburgh egypt egyptian england english
    estonia ethiopia europe european fiji finland finnish flemish florida france frankfurt french
    geneva georgia german germany ghana glasgow greece greek greenland guatemala haiti hamburg
    hanoi hawaii hebrew helsinki hindi holland honduras hong hongkong houston hungarian hungary
    iceland icelandic idaho illinois india indian indiana indonesia iowa iran iraq ireland irish
    islamic israel israeli istanbul italian italy jakarta jamaica japan japanese jerusalem jewish
    johannesburg jordan kansas karachi kazakhstan kentucky kenya kiev kong korea korean kosovo
    kuwait kyiv kyoto lagos lanka laos lebanon libya lima lisbon lithuania liverpool london
    louisiana lucia luxembourg luxemburg macedonia madrid malaysia malta manchester mandarin manila
    maryland massachusetts mauritius melbourne mexican mexico miami michigan milan minnesota
    mississippi missouri moldova monaco mongolia montana montenegro montreal morocco moscow
    mozambique mumbai munich myanmar nairobi namibia naples nebraska nepal netherlands nevada
    nicaragua nigeria norway norwegian oakland ohio oklahoma olympic ontario oregon orleans oslo
    ottawa pacific pakistan palestine panama paraguay paris peking pennsylvania persian peru
    philadelphia philippines phoenix pittsburgh poland polish portland portugal portuguese prague
    quebec reykjavik riga rico romania romanian rome russia russian rwanda saigon salvador samoa
    santiago saudi scotland scottish seattle senegal seoul serbia serbian shanghai siberia singapore
    slovak slovakia slovenia slovenian sofia somalia spain spanish stockholm stuttgart sudan suomi
    sweden swedish swiss switzerland sydney syria taipei taiwan tamil tanzania tehran tennessee
    texan texas thai thailand tibet tokyo toronto trinidad tunisia turin turkey turkish uganda
    ukraine ukrainian uruguay utah uzbekistan valencia vancouver vatican venezuela venice vermont
    vienna vietnam vietnamese virginia wales warsaw washington welsh wisconsin wyoming yemen zagreb
    zambia zealand zimbabwe zurich
"""
_CALENDAR = """
    january february march april may june july august september october november december jan feb
    mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday
    sunday mon tue tues wed thu thurs fri sat sun easter christmas ramadan halloween
"""
# Persons as often as what the lists above have them for.
_DOUBLE = """
    ada austin boston charlotte claude costa georgia jordan london lucia madison mark milan newton
    paris ping sofia sydney victoria virginia jan june april may august jun van von da de del
    di du el la le les los st jenkins julia
"""
# Capitalised at the start of a sentence or in a heading, and somebody's name in the lists, too.
_OPENERS = """
    tel fax online ids code dear cheers regards sincerely goodbye welcome congratulations add added
    adding
    adds all allow also an and any are as ask at be both bump but by can change
    changes check cleanup clean closes col copy correct da de del den der des deprecated der di
    did do does doc don done dont du drop each ease el else en enable ensure est et even ever fix
    fixed fixes for from get give go good got grab great had has have he hello her here hey hi him
    his how however if ill im in into is it its just keep la last le les let lets lint long look
    los made make makes many maybe merge merged min mine mini more most move much my need new nit
    no non not now of oh ok okay old on one only oops or other our out pin please pr prefer pull
    push put re read reads real refactor remove rename reply revert run same say see set sets she
    should show since skip so some sorry still such support sure ta tell test than thank thanks
    that the their them then there these they this those to todo too top try trying tune two un
    unit unless until up update updated upgrade use used uses using van very via vi von wait want
    was way we well were what when where which while who whom whose why will wip wish with word
    work would yeah yep yes yet you your
    sie ihr bir und oder si sem lo buna juste modul im para por con sin una uno wenn der dem die
    das ein eine ist nicht auf mit nous vous pour dans avec est nao isso como mais bu ve ile su
    able beta alpha delta gamma omega sigma theta lang dev prod spec specs lib util utils pkg cmd
    max min sum len str int bool char arg args num var val vals env ref refs obj col cols src dst
    tmp temp doc docs log logs impl init param params config auth async sync repo api cli sdk gui
    url uri http https html css dom xml yaml toml csv pdf png svg sql ssl tls ssh tcp udp dns ip
    god lord jesus christ buddha allah sir lady madam mr mrs ms mx dr prof
    ave avenue blvd boulevard rd road street str lane drive suite apt box bridge route creek
    rua avda avenida calle via ulica strasse platz
    inc ltd llc corp corporation gmbh ag plc llp group foundation company
    north south east west northern southern eastern western central
    university institute college school hospital church
    english mandatory optional returns raises yields example examples warning notes note
    abstract author authors license licence copyright readme changelog contributing
    mit bsd apache gpl lgpl mpl isc
"""


@cache
def thing_words() -> frozenset[str]:
    """Lower-case words that are no part of a person's name in texts about software."""
    words = (_TECHNOLOGY + _CALENDAR + _OPENERS).split()
    return (frozenset(words) | account_words()) - double_words()


@cache
def place_words() -> frozenset[str]:
    """Lower-case names of places and peoples: surnames after a given name, at most."""
    return frozenset(_PLACES.split()) - double_words()


@cache
def double_words() -> frozenset[str]:
    """Lower-case words that name both persons and other things."""
    return frozenset(_DOUBLE.split())
