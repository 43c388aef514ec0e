"""Word lists of the anonymize stage: invented name parts, and words that name no person.

    GIVEN[3], FAMILY[5]  ->  the parts of a person's pseudonym, "Birch Dunmarrow-3f2a9c1b"

The name parts are plants and made-up places, so that no pseudonym is a likely real name.
"""

import builtins
import keyword
import sys
from functools import cache

_GIVEN = """
    Alder Almond Apricot Aspen Balsam Bamboo Barley Birch Bracken Bramble Briar Burdock Cassia
    Cedar Chicory Clover Comfrey Cypress Damson Elder Fennel Fescue Fir Foxglove Gentian Gorse
    Hawthorn Hazel Hemlock Hickory Hornbeam Hyssop Juniper Larch Laurel Linden Lovage Lupin
    Mallow Maple Medlar Mulberry Myrtle Nettle Oak Oleander Osier Poplar Quince Rowan Rye Sedge
    Sequoia Sorrel Spruce Sumac Tamarack Teasel Thistle Tupelo Vetch Walnut Willow Yarrow
"""
_FAMILY = """
    Ashquill Barrowmere Bellfathom Blackthistle Brambleford Brindlecote Cinderholt Coldwhistle
    Copperlane Cragmarsh Dapplewood Dovecrest Driftmoor Dunmarrow Dustgrove Eddystone Emberlock
    Fallowbrook Farquill Fennimere Flintwater Foxhallow Frostmead Gallowfen Glimmerton Grainfield
    Greymantle Halfpenny Harrowgate Heatherlow Hollowbeck Ironleaf Kestrelby Lanternby Larkhollow
    Longbarrow Marshwhin Mistlemoor Mossgarth Nettlecombe Nightmere Oatfeather Otterbourne
    Pebblewick Pinecastle Quarrystone Quickwater Ravenscar Reedmaiden Rimefall Rookdale Sablewind
    Saltmarrow Silverbeck Sparrowdene Stillwater Stonefeld Tallowdale Thornquist Underhollow
    Wainmarsh Westerquill Whinstone Windlestraw
"""
GIVEN = tuple(_GIVEN.split())
FAMILY = tuple(_FAMILY.split())

# Local parts and names of shared, automatic or invented accounts.
_ACCOUNTS = """
    abuse account accounts actions admin administrator anonymous author authors autobuild
    automation aws azure bitbucket bot bots build builder buildbot builds ci circleci codecov
    com commit committer company contact contrib contributor contributors dependabot deploy
    deployer dev devel developer developers devops docs email example foobar github gitlab
    google greenkeeper guest hello help http https info inbox io jenkins john.doe localhost mail
    mailer maintainer maintainers master member me microsoft name net nobody none noreply
    no-reply office ops org owner person postmaster project release releases renovate reply
    robot root sales security sender service services snyk staff support sysadmin system team
    test tester testing tests the travis ubuntu unknown user username users vagrant web webflow
    webmaster web-flow website www work you your yourname
"""
# Everyday words that are also somebody's login; as seeds they would rewrite half of a repository.
_EVERYDAY = """
    able access action active adapter agent alert alpha anchor angel apache apple array async
    atlas audio auth auto avatar back badge bank base basic batch beta binary bird black block
    blue board body book boot border bottom branch break bridge brown buffer bundle button byte
    cache call cancel canvas card case cell center chain change channel char chart chat check
    child class clean clear click client clock clone close cloud code color column command
    comment common compile complete component config connect console const container content
    context control cookie copy core count cover create cross crypto current custom cycle daemon
    dark dash data database date debug deep default define delete delta demo depth design detail
    device dict digit direct disk docker document domain done door down draft drive driver drop
    dump dust dynamic echo edge edit editor element empty enable engine entry enum error event
    every exact exit expert export express extra factory fail fast feature fetch field file
    filter final fire first flag flask flat float flow folder font force form format frame free
    front full function gamma gate generic ghost global gold good graph gray green grid group
    grow guard guide hack hand handle hash head heap heart help hero hidden high hint home hook
    host hour html http icon idea image import index init inline inner input insert install
    instance item iter java join json jump kernel keep kind label lambda language large laser
    last later layer layout lazy leaf legacy level library light limit line link linux list live
    load local lock logger login logo long loop lower lucky machine macro magic main make
    manager manual mark mask match math matrix media memo memory menu merge message meta method
    metric micro middle mini minor mock mode model module moon mouse move multi name native
    network neutral never next night node normal north note null number object offset open
    option order other outer output over pack package page paint pair pallets panel paper parent
    parse parser part party pass patch path pattern pause phone pixel plain plan play plugin
    point pool port post power prefix press print private process profile prompt proxy public
    pull pulse push python queue quick quiet random range rate react read real record reduce
    remote render repo report request reset resource response rest result return review right
    ring river robot rock role roll round route router rule runner ruby rust safe sample save
    scale scan scope score screen script search second secret section seed select self server
    session setup shadow shape share shell shift short show shop side sign signal silver simple
    single size skip slack sleep slice slot slow small smart smooth snake socket soft solid sort
    sound source south space spark special speed spider split stack stage star start state
    static status step stop storage store story stream strict string strong style super swift
    switch symbol sync syntax table tail target task temp template text theme thread tiger time
    tiny title toggle token tool topic total touch trace track tree trigger true turbo type
    under union unique unit unix update upper value vector version video view visual void wait
    walk watch water wave weak west whale white wide widget wind window wire wizard wolf word
    worker world wrap write yaml yellow yield zero zone
"""
# First names alone tell nobody apart, and stand in examples everywhere.
_FIRST_NAMES = """
    aaron adam adrian alan albert alex alexander alice andre andrea andreas andrew andy anna
    anne anthony anton antonio ben benjamin bernard bill bob brandon brian bruce carl carlos
    carol charles charlie chris christian christoph claire craig daniel dave david dennis diana
    dominik donald doug edward elena emily emma eric erik eva evan felix florian frank fred gary
    george greg guido hannah hans harry helen henry hugo ian igor isaac ivan jack jacob jake
    james jan jane jason jean jeff jeremy jerry jesse jessica jim joe joel john johnny jonas
    jonathan jordan jorge jose joseph josh joshua juan julia julian justin karen karl kate keith
    kelly ken kenneth kevin kyle lars laura lee leon leonard linda lisa louis lucas luis luke
    marc marco maria marie mario mark markus martin mary matt matthew max michael michel miguel
    mike nathan nicholas nick nicolas nina oliver olivia oscar otto pablo patricia patrick paul
    pedro pete peter phil philip pierre rachel ralph raymond rebecca richard rick robert robin
    roger ronald ross ruth ryan sam samuel sara sarah scott sean sebastian sergey shane simon
    sofia sophie stefan stephan stephen steve steven sue susan sven tamara thomas tim timothy
    toby todd tom tommy tony tyler vera victor victoria vincent vladimir walter wendy will
    william xavier yuri zach
"""
# Software that is also somebody's account.
_PROJECTS = """
    bugs bug chrome debian django docker fedora firefox gentoo golang gnome jinja jupyter
    kubernetes mozilla nginx node numpy openssl pandas postgres pytest rails redis requests
    sphinx tensorflow torch webpack werkzeug
"""
# What "@" introduces in code that people quote in prose.
_DECORATORS = """
    abstract after all api app autowired bean before cached celery channel component
    contextmanager contextlib controller dataclass deprecated decorator entity everyone extends
    final fixture functools here import include inject injectable input interface internal
    keyframes layer link media memoize mixin mock mention namespace nested nonnull notnull
    nullable output override param params pytest requestmapping return returns rest safevarargs
    see service since staticmethod suppresswarnings supports task throws todo transactional
    typing types value version
"""


# Words of programming languages that are also somebody's account: on one repository a login "func"
# of a third party's list of authors stood for 16,000 files that no longer parsed.
_KEYWORDS = """
    abstract alias assert async atomic auto await bool boolean byte chan char clone const constexpr
    ctor debug decltype default defer delete double dtor echo elif else elseif elsif enum errno
    export extends extern false fallthrough fatal fflush fi final float fopen foreach fprintf free
    friend from func function getenv goto guard hash implements impl import inline instanceof int
    int16 int32 int64 int8 interface iota isize java lambda len local long loop macro main make
    malloc match memcpy memset mod module move mut namespace native nil nonlocal noexcept null
    nullptr operator override package panic pass print printf println private protected public pure
    raise range readonly realloc recover ref register require rescue rune sealed self select short
    signed sizeof sprintf static stderr stdin stdout strcmp strdup strlen strtol struct super switch
    synchronized template then this throw throws trait transient true typedef typeid typename typeof
    uint uint16 uint32 uint64 uint8 union unless unsafe unsigned until usize using var vararg
    virtual void volatile wchar when where while with yield
"""


@cache
def account_words() -> frozenset[str]:
    """Lower-case words that, alone, name a shared or automatic account: "root", "GitHub"."""
    return frozenset(_ACCOUNTS.split())


@cache
def generic_words() -> frozenset[str]:
    """Lower-case words that are not looked for in texts when they stand alone."""
    words = (_ACCOUNTS + _EVERYDAY + _FIRST_NAMES + _PROJECTS + _KEYWORDS).split()
    code = [*keyword.kwlist, *dir(builtins), *sys.stdlib_module_names]
    return frozenset(word.lower() for word in words + code)


@cache
def first_names() -> frozenset[str]:
    """Lower-case given names that, alone, tell nobody apart."""
    return frozenset(_FIRST_NAMES.split())


@cache
def decorator_words() -> frozenset[str]:
    """Lower-case names that stand after "@" in code; no one's handle in prose."""
    return generic_words() | frozenset(_DECORATORS.split())
